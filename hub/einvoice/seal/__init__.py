"""The seal of an e-document: signing it as GİB demands, and finding out whether a signature holds."""
