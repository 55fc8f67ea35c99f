"""The request desk: who a person is, what is held of them, and the evidence of everything done with it."""
