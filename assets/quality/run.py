"""Runs a suite once over the rows of a batch, however many tenants it has, and tells counts by tenant.

Great Expectations costs eleven seconds of CPU to import, so it is imported only when there are rows to judge. It is
kept from everything it would otherwise do on the side: no project directory, no analytics, no progress bars, no log
lines (its errors quote the database), and results as booleans alone.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from assets.quality.later import imported_later
from assets.quality.suites import FUTURE_TOLERANCE_MINUTES, Check, Suite
from hub.errors import HubError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

_TENANT_ID = re.compile(r"t[a-z2-7]{11}")
_LOAD_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class CheckResult:
    """One check's outcome. `broken` means that it could not be carried out. `failing` counts rows by tenant."""

    code: str
    column: str
    success: bool
    broken: bool = False
    failing: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class QualityResult:
    """A suite's outcome for one batch: `rows` is how many were judged (0: nothing to judge, and no check ran)."""

    table: str
    rows: int
    checks: tuple[CheckResult, ...] = ()

    @property
    def success(self) -> bool:
        """Whether every check held."""
        return all(check.success for check in self.checks)

    @property
    def failing_tenants(self) -> dict[str, int]:
        """Findings by tenant, summed over the checks: a row that breaks two rules counts twice."""
        counts: dict[str, int] = {}
        for check in self.checks:
            for tenant_id, rows in check.failing.items():
                counts[tenant_id] = counts.get(tenant_id, 0) + rows
        return counts


def run_suite(
    connection_string: str,
    suite: Suite,
    *,
    tenants: Sequence[str],
    role: str,
    load_id: str | None = None,
    only_new: bool = False,
    exempt: Mapping[str, Sequence[str]] | None = None,
) -> QualityResult:
    """Judge the rows of these tenants.

    With `load_id` only those that this load wrote; with `only_new` only those loaded since the tenant's marts were last
    built (so before `build_models`, which moves that moment on).

    `connection_string` is a SQLAlchemy URL of the login `transform`, `role` the database's name of the crossing
    `transformer`. `exempt` names, by column, tenants whose override leaves another form there.

    Raises HubError 'quality_argument_malformed', or 'quality_failed' when the suite could not be run at all.
    """
    rows_query = batch_query(suite, tenants=tenants, load_id=load_id, only_new=only_new, exempt=exempt or {})
    if not tenants:
        return QualityResult(suite.table, rows=0)
    with _engine(connection_string, role) as engine:
        rows, now = _size_and_time(engine, rows_query)
        if rows == 0:
            return QualityResult(suite.table, rows=0)
        verdicts = _validate(connection_string, role, suite, rows_query, latest=now + _tolerance())
        failed = [check for check in suite.checks if verdicts[check.code] == (False, False)]
        failing = _count(engine, suite, rows_query, failed)
    return QualityResult(
        suite.table,
        rows,
        tuple(
            CheckResult(check.code, check.column, *verdicts[check.code], failing=failing.get(check.code, {}))
            for check in suite.checks
        ),
    )


def batch_query(
    suite: Suite,
    *,
    tenants: Sequence[str],
    load_id: str | None = None,
    only_new: bool = False,
    exempt: Mapping[str, Sequence[str]],
) -> str:
    """The SELECT of a batch's rows. Exempt cells read as NULL, which every rule for a value passes over.

    Ids and names are put into the text (Great Expectations takes no parameters), so each must match its pattern.
    """
    columns = {name for check in suite.checks for name in _columns(check)} | set(suite.key)
    if not all(map(_TENANT_ID.fullmatch, [*tenants, *(one for some in exempt.values() for one in some)])):
        raise HubError("quality_argument_malformed", argument="tenants")
    if load_id is not None and not _LOAD_ID.fullmatch(load_id):
        raise HubError("quality_argument_malformed", argument="load_id")
    names = (*columns, *exempt, suite.table, suite.provider, suite.state)
    if not all(_NAME.fullmatch(name.removeprefix("_")) for name in names):
        raise HubError("quality_argument_malformed", argument="columns")
    selected = ", ".join(_cell(name, exempt.get(name, ())) for name in sorted(columns))
    query = f"SELECT {selected} FROM landing.{suite.table} AS landed"  # noqa: S608
    if only_new:
        # A load's time is that of its transaction's begin, which may lie before the end of the one before it.
        query += (
            f" JOIN hub.sync_state AS synced ON synced.tenant_id = landed.tenant_id"
            f" AND synced.provider = '{suite.provider}' AND synced.stream = '{suite.state}'"
            f" AND landed._loaded_at > coalesce(synced.modelled_at - interval '1 hour', '-infinity')"
        )
    query += f" WHERE landed.tenant_id = ANY ('{_array(tenants)}')"
    return query if load_id is None else f"{query} AND landed._load_id = '{load_id}'"


def _cell(name: str, exempt: Sequence[str]) -> str:
    if not exempt:
        return f'landed."{name}"'
    return f'CASE WHEN landed.tenant_id <> ALL (\'{_array(exempt)}\') THEN landed."{name}" END AS "{name}"'


def _array(ids: Sequence[str]) -> str:
    return "{" + ",".join(sorted(set(ids))) + "}"


def _columns(check: Check) -> Sequence[str]:
    return check.arguments.get("column_list") or (check.column,)


@contextmanager
def _engine(connection_string: str, role: str) -> Generator[Engine]:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    engine = create_engine(connection_string, **_engine_arguments(role))
    try:
        yield engine
    except SQLAlchemyError as error:
        raise HubError("quality_failed", kind=type(error).__name__) from None
    finally:
        engine.dispose()


def _engine_arguments(role: str) -> dict[str, Any]:
    return {
        # The role as a start-up option and not by SET: it cannot be rolled back with a failed transaction.
        "connect_args": {"options": f"-c role={role}", "application_name": role},
        "hide_parameters": True,
    }


def _tolerance() -> timedelta:
    return timedelta(minutes=FUTURE_TOLERANCE_MINUTES)


def _size_and_time(engine: Engine, rows_query: str) -> tuple[int, datetime]:
    row = _fetch(engine, f"SELECT count(*), now() FROM ({rows_query}) AS batch")[0]  # noqa: S608
    return int(row[0]), row[1]


def _fetch(engine: Engine, query: str) -> Sequence[Any]:
    # Without parameters the driver leaves percent signs and colons of a pattern alone.
    with engine.connect().execution_options(no_parameters=True) as connection:
        return connection.exec_driver_sql(query).all()


def _validate(
    connection_string: str, role: str, suite: Suite, rows_query: str, *, latest: datetime
) -> dict[str, tuple[bool, bool]]:
    """(success, broken) by check."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported, before a context could be told
    with _silenced(), ExitStack() as stack:
        with imported_later("altair", "scipy.stats"):
            import great_expectations as gx
            from great_expectations import expectations

        try:
            context: Any = gx.get_context(mode="ephemeral")
            context.enable_analytics(enable=False)
            context.variables.progress_bars = {"globally": False}
            # add_postgres refuses a URL without a host, which is what a unix socket is.
            source = context.data_sources.add_sql(
                name="landing",
                connection_string=connection_string.replace("$", r"\$"),
                create_temp_table=False,
                kwargs=_engine_arguments(role),
            )
            engine = source.get_execution_engine().engine
            stack.callback(engine.dispose)
            stack.callback(source.get_engine().dispose)
            _never_fetch_the_batch(engine, rows_query)
            batch = (
                source.add_query_asset(name=suite.table, query=rows_query)
                .add_batch_definition_whole_table("batch")
                .get_batch()
            )
            built = [
                getattr(expectations, check.expectation)(**_arguments(check, latest), meta={"code": check.code})
                for check in suite.checks
            ]
            expected = gx.ExpectationSuite(name=suite.table, expectations=built)
            found = batch.validate(expected, result_format="BOOLEAN_ONLY")
        except Exception as error:
            # Its text may quote the connection or the database.
            raise HubError("quality_failed", kind=type(error).__name__) from None
    verdicts = {str(each.expectation_config.meta["code"]): _verdict(each) for each in found.results}
    return {check.code: verdicts.get(check.code, (False, True)) for check in suite.checks}


def _never_fetch_the_batch(engine: Engine, rows_query: str) -> None:
    """Let Great Expectations learn the columns' names without rows.

    It runs the batch's SELECT as it stands for that, and the driver would take in every row: gigabytes at a first load.
    """
    from sqlalchemy import event

    def without_rows(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return (f"{statement} LIMIT 0" if statement.strip() == rows_query else statement), parameters

    event.listen(engine, "before_cursor_execute", without_rows, retval=True)


def _arguments(check: Check, latest: datetime) -> dict[str, Any]:
    bound = {"max_value": latest} if check.rule == "not_in_the_future" else {}
    return {**check.arguments, **bound}


def _verdict(result: Any) -> tuple[bool, bool]:
    """(success, broken). A check that raised in several steps has no flag of its own, only one for each step."""
    success = bool(result.success)
    exception: dict[str, Any] = result.exception_info or {}
    return success, not success and bool(exception.get("raised_exception", True))


@contextmanager
def _silenced() -> Generator[None]:
    """Neither library writes a log line: on an error both quote statements and what the database said."""
    loggers = [logging.getLogger(name) for name in ("great_expectations", "sqlalchemy")]
    before = [logger.propagate for logger in loggers]
    nowhere = logging.NullHandler()
    for logger in loggers:
        logger.addHandler(nowhere)
        logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(nowhere)
            logger.propagate = propagate


def _count(engine: Engine, suite: Suite, rows_query: str, failed: Sequence[Check]) -> dict[str, dict[str, int]]:
    """Rows that break each failed check, by tenant, in one pass."""
    if not failed:
        return {}
    counts = ", ".join(f"count(*) FILTER (WHERE {check.violation})" for check in failed)
    copies = ""
    if any(check.rule == "unique_key" for check in failed):
        key = ", ".join(f'"{name}"' for name in suite.key)
        copies = f", row_number() OVER (PARTITION BY {key}) AS _copy"
    query = f"SELECT tenant_id, {counts} FROM (SELECT *{copies} FROM ({rows_query}) AS batch) AS judged GROUP BY 1"  # noqa: S608
    rows = _fetch(engine, query)
    return {
        check.code: {str(row[0]): int(row[place]) for row in rows if row[place]}
        for place, check in enumerate(failed, start=1)
    }
