"""Shapes of signing in, and of people."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignIn(_Shape):
    """An API token to sign in with, or a name and password."""

    token: SecretStr | None = None
    name: str | None = Field(default=None, max_length=400)
    password: SecretStr | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SignIn:
        by_name = self.name is not None and self.password is not None
        if (self.token is not None) == by_name or (self.name is None) != (self.password is None):
            raise ValueError("give a token, or a name and password")
        return self


class SignedOut(_Shape):
    """The session has ended; at `continue_at` the identity provider ends its own."""

    continue_at: str | None = None


class SignInProvider(_Shape):
    """An identity provider; a sign-in begins at `path`, below the address of the site."""

    key: str
    title: str
    path: str


class SignInWays(_Shape):
    """How people can sign in here, beside tokens."""

    password: bool
    providers: list[SignInProvider]


class PasswordChange(_Shape):
    """One's password and the new one."""

    current: SecretStr
    new: SecretStr


class NewPassword(_Shape):
    """Somebody's new password."""

    password: SecretStr


class UserRequest(_Shape):
    """A person to make; `groups` are names that roles are bound to."""

    name: str = Field(min_length=1, max_length=100)
    password: SecretStr
    email: str | None = Field(default=None, max_length=320)
    display_name: str | None = Field(default=None, max_length=200)
    groups: list[str] = Field(default=[], max_length=200)


class UserChange(_Shape):
    """What to change of a person; absent: as it is. `groups` are those that are given here, not by a provider."""

    disabled: bool | None = None
    groups: list[str] | None = Field(default=None, max_length=200)


class UserSummary(_Shape):
    """A person; `issuer` is who vouches: `user` for a password here."""

    id: str
    name: str
    issuer: str
    email: str | None
    display_name: str | None
    groups: list[str]
    created_at: datetime
    disabled_at: datetime | None


class GroupSummary(_Shape):
    """A group that somebody is in or that was disabled; a disabled one gives no rights."""

    name: str
    member_count: int
    disabled: bool


class GroupChange(_Shape):
    """Whether a group gives no rights."""

    disabled: bool


class OwnTokenRequest(_Shape):
    """A token of one's own to make; it never allows more than one may oneself when it is used."""

    authority: list[str] = Field(min_length=1, max_length=100)
    expires_days: int = Field(ge=1, le=365)


class ProxyPasswordRequest(_Shape):
    """For how long a password for the masking proxy is to last."""

    minutes: int = Field(default=60, ge=1, le=1440)


class ProxyPasswordMade(_Shape):
    """The user name and password for PostgreSQL's clients; the password is in this answer and nowhere else."""

    user: str
    password: str
    expires_at: datetime
