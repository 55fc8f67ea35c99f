"""Erasure of one person on request (KVKK art. 7, 11/1-e; By-Law OG 30224): from finding every copy to the log."""
