"""The inventory of processing activities (KVKK art. 16, Registry By-Law art. 4-5), generated from what is in force."""
