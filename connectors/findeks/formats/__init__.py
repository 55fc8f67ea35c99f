"""From a report's bytes to one document, whatever they are written in."""
