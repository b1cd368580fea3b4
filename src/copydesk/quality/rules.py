"""The rule registry: for each rule an id, a measure, a threshold, a severity and a `because`; and all overrides.

    rule files of the package, then of the desk (rule_files.py), then its contract (contracts/read_contract.py)
        --(desk: [quality.rules])-->  Registry  --(source: rules)-->  severity and threshold of a row

The registry is data: `schemas` builds checks from it, check looks up severities, the report lists the overrides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from copydesk.errors import SettingsError
from copydesk.quality.limits import Limit, parse_limit
from copydesk.quality.rule_files import (
    OFF,
    Rule,
    RuleChange,
    check_limits,
    package_rules,
    severities_of,
    with_change,
    with_desk_files,
)
from copydesk.settings import DeskFolder, RuleOverride, Source

__all__ = ["OFF", "Registry", "Rule", "RuleChange", "desk_registry", "load_registry"]


@dataclass(frozen=True, slots=True)
class Registry:
    """All rules of a desk and the overrides of single sources.

    Attributes:
        rules: Rule by id.
        changes: What the desk and its sources changed.
        not_asked: What its data contract asks and a run cannot be asked, with the reason.
    """

    rules: Mapping[str, Rule]
    changes: tuple[RuleChange, ...] = ()
    not_asked: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def of(self, table: str) -> list[Rule]:
        """Return the rules of one table."""
        return [rule for rule in self if rule.table == table]

    def severity(self, rule: str, source: str, default: str = "warn") -> str:
        """Return the severity of a rule for this source; `default` for an undeclared rule."""
        for change in self.changes:
            if change.rule == rule and change.source == source and change.severity is not None:
                return change.severity
        known = self.rules.get(rule)
        return known.severity if known else default

    def source_thresholds(self, rule: Rule) -> dict[str, float]:
        """Return source -> threshold for the sources that override it."""
        return {
            c.source: c.threshold for c in self.changes if c.rule == rule.id and c.source and c.threshold is not None
        }

    def limits(self, rule: Rule, source: str) -> tuple[Limit | None, Limit | None]:
        """Return `warn_if` and `error_if` of a rule for this source."""
        texts = {"warn_if": rule.warn_if, "error_if": rule.error_if}
        for change in self.changes:
            if change.rule == rule.id and change.source == source:
                own = {name: getattr(change, name) for name in texts}
                texts |= {name: text for name, text in own.items() if text is not None}
        warn, error = (parse_limit(text) if text else None for text in texts.values())
        return warn, error

    @property
    def limited(self) -> frozenset[str]:
        """Rules that have a limit for at least one source."""
        own = {change.rule for change in self.changes if change.warn_if or change.error_if}
        return frozenset(own | {rule.id for rule in self if rule.warn_if or rule.error_if})

    def chosen(self, *, owner: str | None = None, dimension: str | None = None, tag: str | None = None) -> list[str]:
        """Return the ids of the rules of an owner, of a dimension, with a tag."""
        return [
            rule.id
            for rule in self
            if (owner is None or rule.owner == owner)
            and (dimension is None or rule.dimension == dimension)
            and (tag is None or tag in rule.tags)
        ]

    def for_desk(self, overrides: Mapping[str, RuleOverride]) -> Registry:
        """Return the registry with `[quality.rules]` applied.

        Raises:
            SettingsError: There is no such rule.
        """
        rules, changes = dict(self.rules), list(self.changes)
        for change in _overrides(overrides, "", self.rules, "[quality.rules]"):
            rules[change.rule] = with_change(rules[change.rule], change)
            changes.append(change)
        return replace(self, rules=rules, changes=tuple(changes))

    def for_sources(self, sources: Iterable[Source]) -> Registry:
        """Return the registry with the `rules = {...}` of each source added.

        Raises:
            SettingsError: There is no such rule.
        """
        added = [
            change
            for source in sources
            for change in _overrides(source.rules, source.name, self.rules, f'[[source]] "{source.name}" rules')
        ]
        return replace(self, changes=(*self.changes, *added))


def load_registry(
    desk: Mapping[str, RuleOverride] | None = None, *, folder: Path | None = None, contract: Path | None = None
) -> Registry:
    """Read all rules and apply the desk's overrides.

    Args:
        desk: The `[quality.rules]` of the desk.
        folder: The desk's folder, for its own `rules/quality.toml` and `checks/*.sql`.
        contract: A data contract whose checks are added.

    Raises:
        SettingsError: A rule, a check or the contract is incomplete, wrong or declared twice.
    """
    rules, changes = with_desk_files(package_rules(), folder) if folder else (package_rules(), ())
    registry = Registry(rules, changes)
    return (_with_contract(registry, contract) if contract else registry).for_desk(desk or {})


def _with_contract(registry: Registry, path: Path) -> Registry:
    """Return the registry with the checks of a contract."""
    from copydesk.quality.contracts.read_contract import contract_checks  # YAML, which few desks need

    found = contract_checks(path)
    for rule in found.rules:
        if rule.id in registry.rules:
            raise SettingsError(f"{path}: there is a rule {rule.id} already, in {registry.rules[rule.id].path}.")
    return replace(registry, rules={**registry.rules, **{r.id: r for r in found.rules}}, not_asked=found.not_asked)


def desk_registry(desk: DeskFolder) -> Registry:
    """Return the rules in force on a desk, without the overrides of its sources (`Registry.for_sources`).

    Raises:
        SettingsError: A rule or a check is incomplete, wrong or declared twice.
    """
    return load_registry(desk.settings.quality.rules, folder=desk.root, contract=desk.contract)


def _overrides(
    overrides: Mapping[str, RuleOverride], source: str, rules: Mapping[str, Rule], where: str
) -> Iterator[RuleChange]:
    for rule, override in overrides.items():
        if rule not in rules:
            raise SettingsError(f"{where}: there is no rule {rule!r}. `copydesk quality rules` lists them.")
        allowed = severities_of(rules[rule])
        if override.severity is not None and override.severity not in allowed:
            raise SettingsError(
                f"{where}: {rule} = {override.severity!r} is not possible. Use one of {', '.join(allowed)}."
            )
        check_limits(rules[rule], {"warn_if": override.warn_if, "error_if": override.error_if}, f"{where}: {rule}")
        yield RuleChange(rule=rule, source=source, **dict(override))
