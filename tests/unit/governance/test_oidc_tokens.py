"""ID tokens and logout tokens: what is proven, and every way in which one is refused."""

import base64
import hmac
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from nexus_core.errors import AuthenticationError
from nexus_core.governance.oidc_tokens import id_token_claims, logout_token_claims

ISSUER, CLIENT, NONCE = "https://idp.example.com", "nexus", "n-0S6_WzA2Mj"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
PUBLISHED = KeySet([RSAKey.import_key(KEY.as_dict(private=False)), ECKey.import_key(CURVE.as_dict(private=False))])
EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


def id_claims(**changed):
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 60, "nonce": NONCE, **changed}
    return {name: value for name, value in claims.items() if value is not None}


def logout_claims(**changed):
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 60, "jti": "a", "events": EVENT}
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


def signed(claims, key=KEY, alg="RS256", **header):
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=[alg])


def prove(token):
    return id_token_claims(token, lambda _kid: PUBLISHED, ISSUER, CLIENT, NONCE)


def unsigned(claims, header):
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims)]
    return ".".join(parts) + "."


@pytest.mark.parametrize(("key", "alg"), [(KEY, "RS256"), (KEY, "PS384"), (CURVE, "ES256")])
def test_a_token_of_the_provider_is_proven(key, alg):
    assert prove(signed(id_claims(aud=[CLIENT]), key, alg))["sub"] == "7"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", "HS256", None, 1])
def test_a_token_without_a_signature_is_refused(alg):
    with pytest.raises(AuthenticationError):
        prove(unsigned(id_claims(), {"alg": alg, "kid": "one"}))


def test_a_mac_with_the_public_key_is_refused():
    begun = unsigned(id_claims(), {"alg": "HS256", "kid": "one"})
    mac = hmac.digest(KEY.as_pem(private=False), begun.rstrip(".").encode(), "sha256")
    with pytest.raises(AuthenticationError):
        prove(begun + base64.urlsafe_b64encode(mac).rstrip(b"=").decode())


def test_another_key_is_refused_be_it_in_the_header():
    with pytest.raises(AuthenticationError):
        prove(signed(id_claims(), OTHER))
    with pytest.raises(AuthenticationError):
        prove(signed(id_claims(), OTHER, jwk=OTHER.as_dict(private=False)))
    with pytest.raises(AuthenticationError):
        prove(signed(id_claims(), RSAKey.generate_key(2048, {"kid": "three"})))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example.com"},
        {"iss": [ISSUER]},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"azp": "other"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": [NONCE]},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
)
def test_a_token_that_is_for_something_else_is_refused(changed):
    with pytest.raises(AuthenticationError):
        prove(signed(id_claims(**changed)))


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "..", "e30.e30.e30", "é.é.é", "." * 70_000])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(AuthenticationError):
        prove(text)


def logged_out(**changed):
    return logout_token_claims(signed(logout_claims(**changed)), lambda _kid: PUBLISHED, ISSUER, CLIENT)


def test_a_logout_token_names_a_subject_or_a_session():
    assert logged_out()["sub"] == "7"
    assert logged_out(sub=None, sid="s")["sid"] == "s"


@pytest.mark.parametrize(
    "changed",
    [
        {"events": None},
        {"events": {}},
        {"events": {"other": {}}},
        {"events": [*EVENT]},
        {"nonce": NONCE},
        {"sub": None},
        {"sub": ["7"]},
        {"sid": 1},
        {"jti": None},
        {"iat": int(time.time()) - 3600},
        {"iss": "https://other.example.com"},
        {"aud": "other"},
    ],
)
def test_a_logout_token_that_is_none_is_refused(changed):
    with pytest.raises(AuthenticationError):
        logged_out(**changed)


def test_an_id_token_is_no_logout_token_and_the_other_way_round():
    with pytest.raises(AuthenticationError):
        logout_token_claims(signed(id_claims()), lambda _kid: PUBLISHED, ISSUER, CLIENT)
    with pytest.raises(AuthenticationError):
        prove(signed(logout_claims()))
