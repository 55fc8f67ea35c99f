"""Rules of GİB's schematron that invoices break, explained; `gib:` and the rule's name, or its family's."""

from hub.i18n import N_

TEXTS = {
    "gib:UUIDCheck": N_("The UUID (ETTN) has to be written as 8-4-4-4-12 hexadecimal digits."),
    "gib:CountryCodeCheck": N_("The country is not on the list; write its two-letter ISO 3166 code (TR, DE)."),
    "gib:GeneralCurrencyCodeCheck": N_("The currency is not on the list; write its ISO 4217 code (TRY, EUR)."),
    "gib:GeneralCurrencyIDCheck": N_(
        "The currency of this amount is not on the list; write its ISO 4217 code (TRY, not TL)."
    ),
    "gib:GeneralUnitCodeCheck": N_(
        "The unit is not on the list; write its UN/ECE code (piece C62, kilogram KGM, hour HUR, litre LTR)."
    ),
    "gib:GeneralChannelCodeCheck": N_("The channel is not on the list of channel codes."),
    "gib:TarihBicimi": N_("The date is none; write an existing day as YYYY-MM-DD."),
    "gib:TimeCheck-1": N_("The date of issue lies in the future; it may be today at the latest."),
    "gib:TimeCheck-2": N_("The date of issue lies before 2005."),
    "gib:MimeCodeCheck": N_("The attachment's type is not on the list of MIME types."),
    "gib:XadesSignatureCheckForInvoice": N_(
        "The signature lacks a part that is demanded: Transforms, KeyInfo with X509Data, Object with SigningTime "
        "and SigningCertificate, one Reference with an empty URI."
    ),
    "gib:XadesSignatureCheck": N_(
        "The signature lacks a part that is demanded: Transforms, KeyInfo with X509Data, Object with SigningTime "
        "and SigningCertificate."
    ),
    "gib:SignatureMethodCheck": N_("The signature was made with SHA-1, which is forbidden; sign with SHA-256."),
    "gib:X509DataCheck": N_("The signature does not hold its certificate (X509Certificate)."),
    "gib:X509SubjectNameCheck": N_(
        "The name of the certificate's owner in the signature is empty; fill it or leave it out."
    ),
    "gib:UBLVersionIDCheck": N_("UBLVersionID has to be 2.1."),
    "gib:CustomizationIDCheck": N_("CustomizationID has to be TR1.2 or TR1.2.1."),
    "gib:ProfileIDCheck-1": N_(
        "The profile is none of e-Fatura's (TEMELFATURA, TICARIFATURA, IHRACAT, KAMU and others)."
    ),
    "gib:ProfileIDCheck-2": N_("An e-Arşiv invoice has the profile EARSIVFATURA and no other."),
    "gib:ProfileIDCheck-3": N_("The profile is not on the list for display."),
    "gib:ProfileIDCheck-4": N_("xsi:schemaLocation, where it is given, has to name UBL-Invoice-2.1.xsd."),
    "gib:InvoiceIDCheck": N_(
        "The number has to be of three capital letters or digits, the year and nine digits: ABC2026000000001."
    ),
    "gib:CopyIndicatorCheck": N_("CopyIndicator has to be false."),
    "gib:InvoiceTypeCodeCheck-1": N_(
        "The invoice's type is not on the list (SATIS, IADE, TEVKIFAT, ISTISNA and others)."
    ),
    "gib:InvoiceTypeCodeCheck-2": N_(
        "IADE goes with the profiles TEMELFATURA, EARSIVFATURA, ILAC_TIBBICIHAZ, YATIRIMTESVIK, IDIS and KAMU only."
    ),
    "gib:InvoiceTypeCodeCheck-3": N_(
        "The profile ENERJI takes the types SARJ and SARJANLIK, and no other profile does."
    ),
    "gib:InvoiceTypeCodeCheck-4": N_("TEKNOLOJIDESTEK goes with EARSIVFATURA only."),
    "gib:CurrencyCodeCheck": N_("The document's currency is not on the list; write its ISO 4217 code (TRY, EUR)."),
    "gib:CurrencyCodeCheck-6": N_(
        "A document in another currency than TRY needs the rate: PricingExchangeRate with CalculationRate."
    ),
    "gib:CurrencyCodeCheck-7": N_("The rate may have 15 digits before the point and 6 behind it."),
    "gib:SignatureCountCheck": N_("There may be one cac:Signature at most."),
    "gib:GeneralWithholdingTaxTotalCheck-1": N_(
        "Withholding goes with the types TEVKIFAT, YTBTEVKIFAT, IADE, YTBIADE, SGK, SARJ and SARJANLIK only."
    ),
    "gib:GeneralWithholdingTaxTotalCheck-2": N_(
        "The tax 4171 goes with the types TEVKIFAT, IADE, YTBIADE and SGK only."
    ),
    "gib:DeliveryCodeCheck": N_(
        "A code of the delivery is not on its list: terms (Incoterms), packaging or way of transport."
    ),
    "gib:TaxRepresentativePartyCheck": N_(
        "An invoice for a traveller needs the intermediary's number (ARACIKURUMVKN) and alias (ARACIKURUMETIKET)."
    ),
    "gib:HKSInvioceCheck": N_("With the profile HKS every line needs a KUNYENO of 19 characters."),
    "gib:IADEInvioceCheck": N_(
        "A return has to name the invoices it returns: BillingReference with their 16-character numbers and "
        "DocumentTypeCode IADE."
    ),
    "gib:IlacTibbiCihazInvoiceTypeCodeCheck": N_(
        "ILAC_TIBBICIHAZ takes the types SATIS, ISTISNA, TEVKIFAT, TEVKIFATIADE, IADE and IHRACKAYITLI only."
    ),
    "gib:YatirimTesvikInvoiceTypeCodeCheck": N_(
        "YATIRIMTESVIK takes the types SATIS, ISTISNA, IADE, TEVKIFAT and TEVKIFATIADE only."
    ),
    "gib:YatirimTesvikContractDocumentReferenceIDCheck": N_(
        "An investment-incentive invoice needs the certificate's number of six digits (ContractDocumentReference, "
        "YTBNO)."
    ),
    "gib:IdisInvoiceTypeCodeCheck": N_(
        "IDIS takes the types SATIS, ISTISNA, IADE, TEVKIFAT, TEVKIFATIADE and IHRACKAYITLI only."
    ),
    "gib:EnerjiInvoicePeriodCheck": N_(
        "A charging invoice needs the period with start and end, date and time (InvoicePeriod)."
    ),
    "gib:EnerjiESURaporIDCheck": N_(
        "A SARJ invoice needs the charging unit's report: a GUID with schemeID ESURaporID and its date."
    ),
    "gib:SignatureCheck": N_(
        "cac:Signature has to name the signatory by a VKN of 10 or a TCKN of 11 digits, schemeID VKN_TCKN."
    ),
    "gib:WithholdingTaxTotalCheck-1": N_("Withholding needs its code (TaxTypeCode) and its rate (Percent)."),
    "gib:WithholdingTaxTotalCheck-2": N_("The withholding's code is not on the list (601-627, 801-825)."),
    "gib:WithholdingTaxTotalCheck-3": N_(
        "The rate does not belong to this withholding code; write it without decimals, 90 and not 90.00."
    ),
    "gib:PartyIdentificationSchemeIDCheck": N_("The kind of the party's number (schemeID) is not on the list."),
    "gib:PartyIdentificationTCKNVKNCheck-1": N_("A VKN has 10 digits."),
    "gib:PartyIdentificationTCKNVKNCheck-2": N_("A TCKN has 11 digits."),
    "gib:DocumentSenderCheck": N_("The envelope's sender and the document's issuer have to be the same."),
    "gib:DocumentReceiverCheck": N_("The envelope's receiver and the document's receiver have to be the same."),
    "gib:PartyIdentificationPartyNamePersonCheck": N_(
        "A party needs exactly one VKN or TCKN: with a VKN its title (PartyName), with a TCKN first and family "
        "name (Person)."
    ),
    "gib:PartyVDCheck": N_("An export invoice needs the supplier's tax office."),
    "gib:IdisSevkiyatNoCheck": N_("IDIS needs the shipment's number, SE-0000000 or ES-0000000."),
    "gib:PartyIdentificationTEKNOLOJIDESTEKCheck": N_(
        "The buyer of a TEKNOLOJIDESTEK invoice is a person with a TCKN."
    ),
    "gib:TaxFreeInvoiceCheck": N_(
        "The Ministry of Trade (1460415308) takes invoices of the profiles YOLCUBERABERFATURA and IHRACAT only."
    ),
    "gib:EnerjiPartyIdentificationPlakaCheck": N_(
        "A charging invoice needs the buyer's one number plate (schemeID PLAKA)."
    ),
    "gib:TaxTypeCheck": N_("The tax is not on the list (0015 VAT, 0071 ÖTV and others)."),
    "gib:TaxExemptionReasonCheck": N_("VAT of zero needs a reason: TaxExemptionReason with its code."),
    "gib:YatirimTesvikKDVCheck": N_("An investment-incentive invoice needs VAT with rate and amount."),
    "gib:DemirbasKDVTaxExemptionCheck-1": N_(
        "The code 555 goes with TEMELFATURA, TICARIFATURA and EARSIVFATURA only, and not with exempt types."
    ),
    "gib:DemirbasKDVTaxExemptionCheck-2": N_("With the code 555 the VAT may not be zero."),
    "gib:TaxExemptionReasonCodeCheck-1": N_("The reason of the exemption is empty."),
    "gib:TaxExemptionReasonCodeCheck-2": N_("The reason of the exemption needs a code that is on the list."),
    "gib:TaxExemptionReasonCodeCheck-3": N_(
        "This exemption code goes with the types ISTISNA, IADE, IHRACKAYITLI, SGK, YTBIADE and YTBISTISNA only."
    ),
    "gib:TaxExemptionReasonCodeCheck-4": N_("The codes 801-812 go with the types OZELMATRAH, IADE and SGK only."),
    "gib:TaxExemptionReasonCodeCheck-5": N_("The codes 701-704 go with the types IHRACKAYITLI, IADE and SGK only."),
    "gib:TaxExemptionReasonCodeCheck-6": N_(
        "IHRACKAYITLI with the code 702 needs a GTİP of 12 digits and the buyer's line code on every line."
    ),
    "gib:PriceAmountCheck": N_("A line of an export invoice needs price and amount."),
    "gib:LineDeliveryCheck": N_(
        "An export invoice needs Incoterms, address of delivery, way of transport, and a GTİP (RequiredCustomsID) "
        "on every line."
    ),
    "gib:PackageCheck": N_("A line of an export invoice needs a quantity."),
    "gib:IlacTibbiCihazAdditionalItemIdentificationCheck": N_(
        "With ILAC_TIBBICIHAZ every line needs a number of the kind ILAC, TIBBICIHAZ or DIGER."
    ),
    "gib:TeknolojiDestekAdditionalItemIdentificationCheck": N_(
        "With TEKNOLOJIDESTEK every line needs a number of the kind TELEFON or TABLET_PC."
    ),
    "gib:IhracKayitliPartyIdentificationIDTypeCheck": N_(
        "The line code's kind has to be SATICIDIBSATIRKOD or ALICIDIBSATIRKOD."
    ),
    "gib:YatirimTesvikCommodityClassificationCheck": N_(
        "An investment-incentive invoice needs the kind of spending on every line."
    ),
    "gib:YatirimTesvikItemClassificationCodeCheck": N_("The kind of spending has to be 01, 02, 03 or 04."),
    "gib:YatirimTesvikItemClassificationCodeIstisnaCheck": N_(
        "An exempt investment-incentive invoice takes the kinds of spending 01 and 02 only."
    ),
    "gib:YatirimTesvikItemClassificationCodeIstisnaCalculationSequenceNumericCheck": N_(
        "The VAT of an exempt investment-incentive invoice needs CalculationSequenceNumeric -1."
    ),
    "gib:YatirimTesvikTaxExemptionReasonCode308Check": N_("The kind of spending 01 takes the exemption code 308."),
    "gib:YatirimTesvikTaxExemptionReasonCode339Check": N_("The kind of spending 02 takes the exemption code 339."),
    "gib:YatirimTesvikItemInstanceCheck": N_(
        "The kind of spending 01 needs the machine's name, its number on the list and its id."
    ),
    "gib:YatirimTesvikLineKDVCheck": N_("A line of an investment-incentive invoice needs VAT with rate and amount."),
    "gib:IdisEtiketNoCheck": N_("With IDIS every line needs a label of two letters and seven digits (ETIKETNO)."),
    "gib:EnerjiItemInstanceSerialIDCheck": N_(
        "A line of a SARJANLIK invoice needs a serial number (ItemInstance/SerialID)."
    ),
    "gib:InvoicedQuantityCheck": N_("The quantity needs its unit (unitCode)."),
    "gib:decimalCheck": N_("The amount may have 15 digits before the point and 2 behind it, and no sign."),
    "gib:TransformCountCheck": N_("The signature may have one Transform only: enveloped-signature."),
    "gib:SignatoryPartyPartyIdentificationCheck": N_("The signatory in cac:Signature needs a VKN or a TCKN."),
    "gib:PaymentMeansCodeCheck": N_(
        "The way of payment is not on the list (10 cash, 42 transfer, 48 card, ZZZ other)."
    ),
    "gib:BillingReferenceCheck": N_(
        "The reference to a cash register's slip (OKCBF) is not complete: kind, number, description, link, dates "
        "and register."
    ),
    "gib:IhracatYolcuBeraberCheck": N_(
        "Profile and buyer do not go together: IHRACAT needs a buyer with PARTYTYPE EXPORT, YOLCUBERABERFATURA "
        "one with TAXFREE, each with its own alias of customs."
    ),
    "gib:KamuFaturaCheck": N_("An invoice to a public body needs a Turkish IBAN (PaymentMeans/PayeeFinancialAccount)."),
    "gib:TaxFreeNationalityIDCheck": N_("A traveller's nationality is missing or not on the list."),
    "gib:PassportIDCheck": N_("A traveller's passport number is missing."),
    "gib:OfficelTitleCheck": N_("An export invoice needs the foreign buyer's registered name."),
}
