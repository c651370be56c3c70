"""Every rule by its name. A rule takes one source and yields its breaches."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from tools.lint.rules import http, logs, policies, sizes, storage
from tools.lint.source import Breach, Source

Rule = Callable[[Source], Iterator[Breach]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "one-commit": storage.one_commit,
        "sql-home": storage.sql_home,
        "lazy-raise": storage.lazy_raise,
        "unit-scope": http.unit_scope,
        "http-home": http.http_home,
        "route-permission": http.route_permission,
        "log-fields": logs.log_fields,
        "function-size": sizes.function_size,
        "policy-basis": policies.policy_basis,
    }
)
