"""The report web service: ASMX over SOAP, four kinds of result."""
