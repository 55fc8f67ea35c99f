"""Everything that is held about one person, found, made readable, packed and handed over (KVKK art. 11/1 a to ç)."""
