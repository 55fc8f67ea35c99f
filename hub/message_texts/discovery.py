"""What a scan of an unknown source says: why it could not read, why a column is what it is, what a person decides."""

from hub.i18n import N_

TEXTS = {
    "scan_file_missing": N_("There is no file {path}."),
    "scan_file_unreadable": N_("The file {path} cannot be read: it is damaged, cut off, or not what its name says."),
    "scan_file_empty": N_("The file {path} is empty."),
    "scan_format_unknown": N_(
        "The format of {path} is not known. Known: CSV, JSON, JSON Lines, Parquet, SQLite. Save a spreadsheet as CSV."
    ),
    "scan_url_malformed": N_("The database URL is malformed. Write it as postgresql://user@host:5432/database."),
    "scan_url_with_password": N_(
        "A URL with a password must not be an argument, where the process list and the shell's history show it. Name an"
        " environment variable with --url-env, or give - and enter the URL."
    ),
    "scan_url_variable_empty": N_("The environment variable {name} is not set or is empty."),
    "scan_source_missing": N_("Name a file, a URL, - to enter a URL, or an environment variable with --url-env."),
    "scan_tables_of_a_file": N_("--table is for databases; a file is read whole."),
    "scan_driver_missing": N_("No driver for {dialect} is installed. Known: postgresql, sqlite."),
    "scan_database_down": N_("The database does not let us in or does not answer ({sqlstate}). Check URL and login."),
    "scan_table_unknown": N_("There is no table or view {table}, or the login may not see it."),
    "scan_no_tables": N_("The database has no table that the login may see."),
    "scan_table_unreadable": N_("The table {table} could not be read ({sqlstate}); it is missing from the report."),
    "scan_provider_malformed": N_(
        "A provider's name has 2 to 31 characters: a-z, 0-9 and underscores, a letter first."
    ),
    "scan_draft_exists": N_("The file {path} exists already. Choose another name for the draft."),
    "scan_draft_unwritable": N_("The draft cannot be written to {path}."),
    "scan_draft_invalid": N_(
        "The draft does not pass the hub's own checks; that is a fault of the hub, please report it."
    ),
    "scan_values_agree": N_("Heading and values agree ({share})."),
    "scan_values_partly": N_("Only {share} of the values are what the heading says."),
    "scan_values_deny": N_("The heading says so, but the values do not ({share})."),
    "scan_values_say_otherwise": N_("The values say otherwise than the heading: {label} in {share}."),
    "scan_values_alone": N_("The values say so: {label} in {share}."),
    "scan_names_by_form": N_("The heading says so; {share} of the values have the form of names."),
    "scan_header_alone": N_("The heading says so; such values cannot be checked."),
    "scan_no_values": N_("No value in the rows looked at; only the heading speaks."),
    "scan_nothing_found": N_("No personal data found."),
    "scan_two_values": N_("Two values, yes or no."),
    "scan_found_inside": N_("{label} in {share} of the values."),
    "scan_special_inside": N_("{share} of the texts speak of a special category (KVKK art. 6); the gate empties them."),
    "scan_special_header": N_(
        "special category (KVKK art. 6): stays out unless a basis of art. 6/3 is recorded; check category and basis."
    ),
    "scan_special_values": N_(
        "most texts speak of a special category (KVKK art. 6): which one, and on what basis? It stays out until then."
    ),
    "scan_binary": N_("Bytes that were not looked into (an image, a document?)."),
    "scan_company": N_("the name of a sole trader is a person's; `keep` only where all of them are companies."),
    "scan_dropped": N_("is it needed at all? It stays out until somebody says why."),
    "scan_unknown_header": N_("the heading says nothing that is known; what is it? The stricter action stands."),
    "scan_maybe_chance": N_("numbers of that length pass the check by chance too; `keep` if they are only numbers."),
    "scan_long_past": N_("{share} of the dates lie before 2010: births? `keep` if they are not."),
    "scan_key_declared": N_("The source's primary key."),
    "scan_key_unique": N_("Different in every row looked at."),
    "scan_key_was_unsafe": N_(
        "a key may not be dropped, scanned or made coarser: it is kept apart, or choose another key."
    ),
    "scan_cursor": N_("Time of the last change."),
    "scan_action_unfit": N_("the usual action does not fit the type {type}; the column stays out until it is decided."),
    "scan_person_behind": N_(
        "a number that stands for a person: give it a kind, subject and strength, or a pseudonym."
    ),
    "scan_purpose": N_("for what is it processed?"),
    "scan_subject_groups": N_("whose data is it? Columns with the same subject speak of one person."),
}
