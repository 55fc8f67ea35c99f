"""What is wrong with a body is said at once: its form, and what the domain thinks of the fields whose form is right.

Without it a caller who forgot one field learns of the next wrong one with the call after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast, get_args

from pydantic import BaseModel, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from hub.api.models import Body

if TYPE_CHECKING:
    from typing import Self

    from pydantic_core import ErrorDetails

_BUILT_IN: frozenset[str] = frozenset(get_args(ErrorType))


class BodyOf(Body):
    """A body whose fields `checked_as`, a model of the domain, judges too where the body itself is refused."""

    checked_as: ClassVar[type[BaseModel]]

    @model_validator(mode="wrap")
    @classmethod
    def _says_all(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(value)
        except ValidationError as error:
            found = error.errors(include_url=False)
        if isinstance(value, Mapping):
            wrong = {each["loc"][0] for each in found if each["loc"]}
            found += cls._further(cast("Mapping[str, Any]", value), wrong)
        # Outside the handler: an error that came of another would show what was sent.
        raise ValidationError.from_exception_data(cls.__name__, [_again(each) for each in found], hide_input=True)

    @classmethod
    def _further(cls, value: Mapping[str, Any], wrong: set[int | str]) -> list[ErrorDetails]:
        left = {name: value[name] for name in cls.checked_as.model_fields if name in value and name not in wrong}
        try:
            cls.checked_as.model_validate(left)
        except ValidationError as error:
            return [each for each in error.errors(include_url=False) if each["loc"] and each["loc"][0] in left]
        return []


def _again(detail: ErrorDetails) -> InitErrorDetails:
    code, context = detail["type"], detail.get("ctx") or {}
    kind = code if code in _BUILT_IN else PydanticCustomError(cast("Any", code), "", context)
    return InitErrorDetails(type=kind, loc=detail["loc"], input=None, ctx=context)
