"""Signing e-documents, and whether a signature holds."""

from hub.i18n import N_

TEXTS = {
    "seal_already_signed": N_("The document is signed already; --again replaces the signature."),
    "seal_envelope": N_("An envelope is not signed; sign the documents before they go into it."),
    "seal_party_missing": N_("The document does not name the party that signs; the signatory cannot be written down."),
    "seal_party_without_identity": N_(
        "The signing party has neither VKN nor TCKN; the signatory cannot be written down."
    ),
    "seal_party_without_address": N_("The signing party has no address; the signatory cannot be written down."),
    "seal_certificate_expired": N_("The certificate ran out on {day}."),
    "seal_certificate_not_yet_valid": N_("The certificate is valid from {day} on."),
    "seal_certificate_unreadable": N_("The certificate cannot be read; PEM and DER are known."),
    "seal_key_unreadable": N_("The key cannot be read; PEM and DER are known."),
    "seal_key_password_missing": N_("The key has a password: name the file or the environment variable that holds it."),
    "seal_key_password_wrong": N_("The key does not open with this password."),
    "seal_key_unknown": N_(
        "The key is neither RSA of at least 2048 bits nor on one of the curves P-256, P-384 and P-521."
    ),
    "seal_key_mismatch": N_("No certificate given belongs to the key."),
    "seal_chain_broken": N_("A certificate given certifies none of the others."),
    "seal_secret_twice": N_("Name either the file or the environment variable of the password, not both."),
    "seal_secret_file_unreadable": N_("The file with the password cannot be read: {path}."),
    "seal_secret_variable_missing": N_("The environment variable {variable} is not set."),
    "seal_pin_missing": N_("The token's PIN is needed: name the file or the environment variable that holds it."),
    "seal_signer_unclear": N_(
        "Name a key with its certificate (--key, --cert), or a token (--pkcs11-module, --token, --key-label)."
    ),
    "seal_module_unusable": N_("The token's driver cannot be loaded: {path}."),
    "seal_token_missing": N_("There is no token {token}, or more than one."),
    "seal_token_key_missing": N_("The token has no private key {label}, or more than one."),
    "seal_token_certificate_missing": N_("The token has no certificate for the key {label}."),
    "seal_pin_refused": N_("The token refused the PIN. Try no further ones: a token locks itself."),
    "seal_token_failed": N_("The token answered with an error: {kind}."),
    "seal_token_silent": N_("The token did not answer in time."),
    "seal_self_check_failed": N_("The signature that was made does not hold; nothing was written."),
    "seal_not_canonical": N_("The document has no canonical form: a namespace in it is a relative address."),
    "signature_missing": N_("The document is not signed."),
    "signature_several": N_("The document holds more than one signature."),
    "signature_misplaced": N_(
        "The signature does not stand in ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent of the document."
    ),
    "signature_shape": N_("A part of the signature is missing, is there twice, or is none of GİB's skeleton."),
    "signature_references": N_(
        "The signature has to refer once to the whole document and once to its own signed properties, each under "
        "one Id."
    ),
    "signature_transforms": N_(
        "The reference to the document has to have exactly one Transform, enveloped-signature; another at most one."
    ),
    "signature_sha1": N_("The signature uses SHA-1, which proves nothing any more."),
    "signature_algorithm_unknown": N_(
        "The signature uses a method that is not known here, or a part of the document has no canonical form."
    ),
    "signature_document_changed": N_("The document was changed after it was signed."),
    "signature_properties_changed": N_("The signed properties (time, certificate, role) were changed after signing."),
    "signature_value_wrong": N_("The signature's value is not this certificate's over this content."),
    "signature_key_unknown": N_(
        "The certificate's key is neither RSA of at least 2048 bits nor on one of the curves P-256, P-384 and P-521."
    ),
    "signature_certificate_unread": N_("The signature's certificate cannot be read."),
    "signature_certificate_unsigned": N_("The signed properties do not name the certificate (SigningCertificate)."),
    "signature_certificate_differs": N_("The certificate is not the one that was signed for (CertDigest)."),
    "signature_issuer_differs": N_("Issuer or serial number of the certificate are not those that were signed for."),
    "signature_subject_differs": N_("The name beside the certificate is not its owner's."),
    "signature_key_differs": N_("The key beside the certificate is not the certificate's."),
    "signature_time_unread": N_("The time of signing cannot be read."),
    "signature_certificate_out_of_time": N_("The certificate was not valid at the time of signing."),
    "signature_identity_unread": N_(
        "Whether the certificate is the signing party's cannot be told: one of the two names no number."
    ),
    "signature_identity_differs": N_(
        "The certificate names another taxpayer than the signing party. An integrator's seal does so too."
    ),
    "signature_comments": N_("The document holds {count} comments, which no signature covers."),
    "signature_unsigned_properties": N_(
        "The signature has unsigned properties (such as a time stamp), which were not looked at."
    ),
}
