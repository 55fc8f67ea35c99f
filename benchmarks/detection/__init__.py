"""How well personal data is found in Turkish free text: two sets of labelled texts, a scorer, floors for the tests."""
