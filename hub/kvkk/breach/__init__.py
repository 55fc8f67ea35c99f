"""Personal data breaches (KVKK art. 12/5, Board decision 2019/10): register, clock, form, persons, notices."""
