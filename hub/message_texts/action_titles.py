"""What each kind of action does, by `action_` and its name with an underscore for the point."""

from hub.i18n import N_

TEXTS = {
    "action_findeks_report": N_("Findeks report"),
    "action_iyzico_cancel": N_("iyzico: cancel a payment of today"),
    "action_iyzico_payment_link": N_("iyzico: payment link"),
    "action_iyzico_payment_link_disable": N_("iyzico: take a payment link out of use"),
    "action_iyzico_refund": N_("iyzico: refund"),
    "action_netasistan_whatsapp": N_("WhatsApp message through Netasistan (unverified contract)"),
    "action_netgsm_otp": N_("One-time password (SMS)"),
    "action_netgsm_sms": N_("SMS"),
    "action_netgsm_whatsapp_otp": N_("One-time password (WhatsApp)"),
    "action_nilvera_answer": N_("Nilvera: answer an incoming invoice"),
    "action_nilvera_cancel": N_("Nilvera: cancel an e-Arşiv invoice"),
    "action_nilvera_earchive": N_("Nilvera: e-Arşiv"),
    "action_nilvera_einvoice": N_("Nilvera: e-Fatura"),
    "action_nilvera_revert_cancel": N_("Nilvera: take a cancellation back"),
    "action_uyumsoft_answer": N_("Uyumsoft: answer an incoming invoice"),
    "action_uyumsoft_cancel": N_("Uyumsoft: cancel an e-Arşiv invoice"),
    "action_uyumsoft_earchive": N_("Uyumsoft: e-Arşiv"),
    "action_uyumsoft_einvoice": N_("Uyumsoft: e-Fatura"),
    "action_uyumsoft_revert_cancel": N_("Uyumsoft: take a cancellation back"),
    "action_whatsapp_interactive": N_("WhatsApp text with buttons, a list or a link"),
    "action_whatsapp_media": N_("WhatsApp picture, sound, film or file"),
    "action_whatsapp_template": N_("WhatsApp message by template"),
    "action_whatsapp_text": N_("WhatsApp text"),
}
