"""Rules of GİB's schematron for envelopes, responses, despatch notes and accounts, explained."""

from hub.i18n import N_

TEXTS = {
    "gib:evaluation": N_(
        "A rule could not be evaluated: a date, time or number in the document is written wrongly. Other rules "
        "were not looked at."
    ),
    "gib:DocumentCheck": N_(
        "An envelope needs its header, its package and a schemaLocation that names PackageProxy_1_2.xsd."
    ),
    "gib:namespaceCheck": N_("The Invoice element has to declare xmlns:xsi."),
    "gib:HeaderCheck": N_("The envelope's header needs version 1.0 or 1.2, one sender and one receiver."),
    "gib:EmptyCheck": N_("The sender's or receiver's alias is empty."),
    "gib:ContactInformationCheck": N_(
        "Sender and receiver of an envelope each need exactly one contact of the kind VKN_TCKN."
    ),
    "gib:ContactCheck": N_(
        "A contact of an envelope needs a kind (UNVAN, VKN_TCKN), and of the kind VKN_TCKN a number of 10 or 11 digits."
    ),
    "gib:TypeVersionCheck": N_("The envelope's TypeVersion has to be 1.2."),
    "gib:EnvelopeTypeCheck": N_(
        "The envelope's kind is not on the list (SENDERENVELOPE, POSTBOXENVELOPE, SYSTEMENVELOPE, USERENVELOPE)."
    ),
    "gib:EnvelopeTypeElementTypeCheck": N_(
        "An envelope of this kind may not carry such documents, or not to this receiver."
    ),
    "gib:ElementsGroupCountCheck": N_("An envelope may hold 10 groups (Elements) at most."),
    "gib:ElementTypeCheck": N_("The kind of the documents in the envelope is not on the list."),
    "gib:ElementCountCheck": N_("A group of an envelope may hold 1,000 documents at most."),
    "gib:ElementListCountCheck": N_("ElementCount is not the number of documents that are there."),
    "gib:ElementNameCheck": N_("The documents in the group are not of the kind that ElementType says."),
    "gib:InvoiceCountCheck": N_("An envelope may hold 100 invoices at most."),
    "gib:ExportInvoiceCountCheck": N_("An envelope may hold one export or traveller's invoice only."),
    "gib:ApplicationResponseProfileIDCheck": N_(
        "The response's profile does not fit: TICARIFATURA or IHRACAT for a buyer's answer, UBL-TR-PROFILE-1 for "
        "a system's, and schemaLocation UBL-ApplicationResponse-2.1.xsd."
    ),
    "gib:IDCheck": N_("The document's number is empty."),
    "gib:ARSignatureCheck": N_(
        "A buyer's answer has to be signed: UBLExtensions with the signature, and cac:Signature."
    ),
    "gib:DocumentResponseCountCheck": N_("A response answers exactly one document."),
    "gib:ARSenderCheck": N_("The envelope's sender and the response's sender have to be the same."),
    "gib:ARReceiverCheck": N_("The envelope's receiver and the response's receiver have to be the same."),
    "gib:ARPartyIdentificationPartyNamePersonCheck": N_(
        "A party of a response needs exactly one VKN or TCKN: with a VKN its title, with a TCKN first and family name."
    ),
    "gib:ARPartyIdentificationGTBCheck": N_(
        "Customs' acceptance of an export needs the declaration's number and the day of actual export."
    ),
    "gib:DocumentResponseCheck": N_("A system's response needs one LineResponse with one Response and its code."),
    "gib:ResponseCodeCheck": N_(
        "The response's code is missing or not on the list (KABUL, RED, IADE, S_APR, GUMRUKONAY)."
    ),
    "gib:PostBoxResponseCodeCheck": N_("A buyer's answer is KABUL, RED, IADE or GUMRUKONAY."),
    "gib:DescriptionCountCheck": N_("A response needs exactly one description."),
    "gib:AppResponseCodeCheck": N_("The system's code is not on the list (1000-1200)."),
    "gib:PostBoxDocumentReferenceCheck": N_(
        "A buyer's answer has to say kind and type code of the document it answers."
    ),
    "gib:ApplicationAreaCheck": N_("An account request needs one sender and a signature."),
    "gib:OASenderCheck": N_(
        "An account request's sender needs a number of 10 or 11 digits, the same as the envelope's."
    ),
    "gib:OASignatureCheck": N_("An account request needs a ds:Signature in oa:Signature."),
    "gib:CounterSignatureCheck": N_("A countersignature needs a ds:Signature."),
    "gib:UserAccountCountCheck": N_("An account request for keeping invoices holds one account only."),
    "gib:UserAccountCheck": N_(
        "Something in the account request does not fit: number, name, role, alias or option. GİB's own words say which."
    ),
    "gib:DespatchAdviceTypeCodeCheck": N_(
        "The despatch note's type has to be SEVK, or MATBUDAN with number and date of the printed one."
    ),
    "gib:ProfileIDTypeDespatchAdvice": N_(
        "The despatch note's profile has to be TEMELIRSALIYE, HKSIRSALIYE or IDISIRSALIYE."
    ),
    "gib:DespatchDateCheck": N_("The day of despatch (ActualDespatchDate) is missing or none."),
    "gib:DespatchTimeCheck": N_("The time of despatch (ActualDespatchTime) is missing."),
    "gib:DespatchAddressCheck": N_("The address of delivery needs district, city, country and a postal code."),
    "gib:DespatchCarrierDriverCheck": N_(
        "A despatch note needs the carrier, or the driver with first name, family name and TCKN."
    ),
    "gib:DespatchAdviceHKSKunyeCheck": N_("With HKSIRSALIYE every line needs a KUNYENO of 19 characters."),
    "gib:DeliveredQuantityCheck": N_("A line of a despatch note needs the quantity with its unit."),
    "gib:ItemNameCheck": N_("The item needs a name."),
    "gib:DespatchLineIdCheck": N_("The line's number is missing or no number."),
    "gib:DespatchIdisEtiketNoCheck": N_("With IDISIRSALIYE a line needs a label of two letters and seven digits."),
    "gib:LicensePlateIDSchemeIDCheck": N_(
        "The number plate's kind has to be PLAKA or YABANCIPLAKA, and the plate written as one."
    ),
    "gib:TransportEquipmentIDSchemeIDCheck": N_(
        "The trailer plate's kind is not on the list, or the plate is not written as one."
    ),
    "gib:DespatchIdisSevkiyatNoCheck": N_("IDISIRSALIYE needs the shipment's number, SE-0000000 or ES-0000000."),
    "gib:LicensePlateIDCheck": N_("A despatch note with a driver needs the vehicle's number plate."),
    "gib:ReceiptAdviceTypeCodeCheck": N_("The receipt advice's type has to be SEVK."),
    "gib:ReceiptAdviceIDCheck": N_("The receipt advice's number has to be of 16 characters."),
    "gib:*": N_("The document breaks a rule of GİB's that has no explanation here; its own words say which."),
}
