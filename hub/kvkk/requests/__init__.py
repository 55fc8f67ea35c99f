"""The request desk: applications of data subjects (KVKK art. 11 and 13) from receipt to answer."""
