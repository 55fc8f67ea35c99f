"""What of the settings leaves the front door open or shut."""

from hub.i18n import N_

TEXTS = {
    "front_door_in_clear": N_(
        "The API listens on {host} without TLS, so passwords and keys go in clear. Set HUB_TLS_CERT_FILE and"
        " HUB_TLS_KEY_FILE; or put a proxy with TLS before it and its network into HUB_TRUSTED_PROXIES; or set"
        " HUB_API_HOST=127.0.0.1."
    ),
    "front_door_tls_half": N_("TLS needs the certificate and its key; {name} is not set."),
    "front_door_tls_unfit": N_(
        "HUB_TLS_CERT_FILE and HUB_TLS_KEY_FILE cannot be read, do not belong together, or the key has a password."
    ),
    "front_door_proxy_malformed": N_(
        "{network} in HUB_TRUSTED_PROXIES is no network. Write networks as 172.30.84.0/28, single addresses"
        " as 10.0.0.7."
    ),
    "front_door_proxy_anybody": N_(
        "HUB_TRUSTED_PROXIES trusts everybody ({network}): whoever calls may say where the call comes from. Name the"
        " proxy's network alone."
    ),
    "front_door_nameless": N_(
        "HUB_PUBLIC_URL is not set, so no link can be mailed and no browser is told to come by TLS alone. Set it to"
        " where people reach the hub, such as https://kopru.example.com."
    ),
    "front_door_name_malformed": N_("HUB_PUBLIC_URL is no address. Write it as https://kopru.example.com."),
    "front_door_name_refused": N_(
        "{host} of HUB_PUBLIC_URL is not in HUB_ALLOWED_HOSTS, so calls to it are refused. Put it there."
    ),
    "front_door_name_in_clear": N_("HUB_PUBLIC_URL begins with http://, so links lead past TLS. Write https://."),
}
