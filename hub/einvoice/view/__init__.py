"""An invoice as a page that a person reads: HTML in which nothing runs and nothing is fetched."""
