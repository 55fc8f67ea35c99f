"""What is asked of Postgres for the metrics page, by name. Each says only ids, names, states, counts and ages.

No query reads settled rows, of which most tables consist: each has an index of what is open, or one by tenant and time.
Each names the tenant at every table, although it asks for all of them (a crossing's policy is what lets it).
"""

from __future__ import annotations

from typing import LiteralString

OF_PLATFORM: dict[str, LiteralString] = {
    "tenants": "SELECT CASE WHEN active THEN 'yes' ELSE 'no' END, count(tenant_id) FROM hub.tenants GROUP BY 1",
    "integrations": """
        SELECT i.provider, i.state, count(i.tenant_id) FROM hub.integrations i
        JOIN hub.tenants t ON t.tenant_id = i.tenant_id AND t.active GROUP BY 1, 2
    """,
    "streams": """
        SELECT s.provider, s.state, count(s.tenant_id) FROM hub.integrations i
        JOIN hub.tenants t ON t.tenant_id = i.tenant_id AND t.active
        JOIN hub.sync_state s ON s.tenant_id = i.tenant_id AND s.provider = i.provider
        WHERE i.state = 'active' GROUP BY 1, 2
    """,
    "syncs": """
        SELECT provider, 'ok', count(tenant_id) FROM hub.sync_state
        WHERE last_success_at > now() - interval '1 hour' GROUP BY 1
        UNION ALL
        SELECT provider, 'failed', count(tenant_id) FROM hub.sync_state
        WHERE last_failure_at > now() - interval '1 hour' GROUP BY 1
    """,
    "gate": """
        SELECT provider, coalesce(sum(rows_changed), 0), coalesce(sum(texts_dropped), 0),
            coalesce(sum(cardinality(undeclared)), 0)
        FROM hub.sync_state WHERE tenant_id IS NOT NULL GROUP BY 1
    """,
    # The age of an integration's oldest stream; NULL while one of them has never succeeded.
    "freshness": """
        SELECT i.tenant_id, i.provider,
            CASE WHEN bool_and(s.last_success_at IS NOT NULL)
                 THEN extract(epoch FROM now() - min(s.last_success_at)) END
        FROM hub.integrations i
        JOIN hub.tenants t ON t.tenant_id = i.tenant_id AND t.active
        LEFT JOIN hub.sync_state s ON s.tenant_id = i.tenant_id AND s.provider = i.provider
        WHERE i.state = 'active' GROUP BY 1, 2
    """,
    "inbox": """
        SELECT provider, 'waiting', count(tenant_id) FROM hub.inbox_events WHERE state = 'received' GROUP BY 1
        UNION ALL
        SELECT provider, 'aside', count(tenant_id) FROM hub.inbox_events WHERE state = 'aside' GROUP BY 1
    """,
    "inbox_age": """
        SELECT provider, extract(epoch FROM now() - min(received_at)) FROM hub.inbox_events
        WHERE state = 'received' AND tenant_id IS NOT NULL GROUP BY 1
    """,
    "outbox_day": """
        SELECT a.kind, a.state, count(a.tenant_id) FROM hub.tenants t
        JOIN LATERAL (SELECT x.tenant_id, x.kind, x.state FROM hub.actions x
                      WHERE x.tenant_id = t.tenant_id AND x.created_at > now() - interval '1 day') a ON true
        GROUP BY 1, 2
    """,
}
OF_DISPATCHER: dict[str, LiteralString] = {
    "outbox": """
        SELECT kind, state, count(tenant_id) FROM hub.actions WHERE state = 'pending' GROUP BY 1, 2
        UNION ALL
        SELECT kind, state, count(tenant_id) FROM hub.actions WHERE lease IS NOT NULL AND state = 'leased' GROUP BY 1, 2
        UNION ALL
        SELECT kind, state, count(tenant_id) FROM hub.actions
        WHERE next_look_at IS NOT NULL AND state = 'accepted' GROUP BY 1, 2
        UNION ALL
        SELECT kind, state, count(tenant_id) FROM hub.actions WHERE state = 'unknown' GROUP BY 1, 2
    """,
    "outbox_age": """
        SELECT kind, extract(epoch FROM now() - min(not_before)) FROM hub.actions
        WHERE state = 'pending' AND not_before <= now() AND tenant_id IS NOT NULL GROUP BY 1
    """,
    "deliveries_waiting": "SELECT count(tenant_id) FROM hub.deliveries WHERE state = 'pending'",
    "deliveries_hour": """
        SELECT d.state, count(d.tenant_id)
        FROM (SELECT DISTINCT tenant_id FROM hub.subscriptions WHERE tenant_id IS NOT NULL) s
        JOIN LATERAL (SELECT x.tenant_id, x.state FROM hub.deliveries x
                      WHERE x.tenant_id = s.tenant_id AND x.created_at > now() - interval '1 hour') d ON true
        GROUP BY 1
    """,
    # Of receivers to whom something would go now: one that asked for a rest keeps nobody waiting.
    "deliveries_age": """
        SELECT extract(epoch FROM now() - min(d.next_try_at))
        FROM hub.subscriptions s CROSS JOIN LATERAL (
            SELECT x.next_try_at FROM hub.deliveries x
            WHERE x.tenant_id = s.tenant_id AND x.subscription_id = s.subscription_id AND x.state = 'pending'
            ORDER BY x.next_try_at LIMIT 1
        ) d
        WHERE s.tenant_id IS NOT NULL AND s.state = 'active' AND (s.rests_until IS NULL OR s.rests_until <= now())
            AND d.next_try_at <= now()
        HAVING count(s.tenant_id) > 0
    """,
    "subscriptions": """
        SELECT CASE WHEN state = 'active' AND failing_since IS NOT NULL THEN 'failing' ELSE state END, count(tenant_id)
        FROM hub.subscriptions GROUP BY 1
    """,
    "mails": "SELECT state, count(tenant_id) FROM hub.mails WHERE state <> 'sent' GROUP BY 1",
    "mails_age": """
        SELECT extract(epoch FROM now() - min(next_try_at)) FROM hub.mails
        WHERE state = 'pending' AND next_try_at <= now() AND tenant_id IS NOT NULL HAVING count(tenant_id) > 0
    """,
}
