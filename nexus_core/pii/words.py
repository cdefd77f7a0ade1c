"""A column's name or comment as plain words, so that one set of rules reads all spellings."""

from __future__ import annotations

import re
import unicodedata

_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_COMMENT_OF = re.compile(r"^(?P<what>.+?) (?:of|for|in) (?:the |a |an |our |this )*(?P<whose>.+)$")
_ASKS = re.compile(r"^(?:whether|if|is|has|true|number of|count of|how) ")
_FILLERS = frozenset({"the", "a", "an", "of", "and", "de", "la", "le", "du"})

# Written out: abbreviations, compounds without a break, and words of other languages.
_MEANINGS = {
    "addr": "address",
    "adresse": "address",
    "anrede": "salutation",
    "apellido": "surname",
    "apellidos": "surname",
    "birthdate": "birth date",
    "birthday": "birth date",
    "cardholder": "card holder",
    "correo": "email",
    "courriel": "email",
    "cust": "customer",
    "direccion": "address",
    "dob": "birth date",
    "emailaddress": "email address",
    "emp": "employee",
    "familienstand": "marital status",
    "familyname": "family name",
    "firstname": "first name",
    "fname": "first name",
    "forename": "first name",
    "fullname": "full name",
    "geburtsdatum": "birth date",
    "geburtsort": "birth place",
    "geschlecht": "gender",
    "gndr": "gender",
    "handy": "mobile phone",
    "hausnummer": "house number",
    "id": "id",
    "kontonummer": "bank account number",
    "kunden": "customer",
    "lastname": "last name",
    "lat": "latitude",
    "licence": "license",
    "lname": "last name",
    "lng": "longitude",
    "lon": "longitude",
    "mail": "email",
    "mobilephone": "mobile phone",
    "msisdn": "phone",
    "nachname": "last name",
    "nacimiento": "birth",
    "naissance": "birth",
    "no": "number",
    "nom": "name",
    "nombre": "name",
    "nr": "number",
    "num": "number",
    "passwd": "password",
    "phonenumber": "phone number",
    "plz": "postal code",
    "postcode": "postal code",
    "postleitzahl": "postal code",
    "prenom": "first name",
    "pwd": "password",
    "sexe": "sex",
    "steuernummer": "tax number",
    "strasse": "street",
    "tel": "phone",
    "telefon": "phone",
    "telefono": "phone",
    "telefonnummer": "phone number",
    "telephone": "phone",
    "username": "user name",
    "vorname": "first name",
    "zip": "postal code",
    "zipcode": "postal code",
}


def words_of(name: str) -> str:
    """Give a name's words in lower case, written out: `custEMailAddr_1` is `customer email address 1`."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    pieces = [piece.lower() for piece in _PIECE.findall(plain)]
    text = " ".join(_MEANINGS.get(piece, piece) for piece in pieces if piece not in _FILLERS)
    text = re.sub(r"\be email\b", "email", text)
    return text.replace("postal code code", "postal code").replace("code postal", "postal code")


def words_of_comment(comment: str) -> str:
    """Give the words of a comment's first sentence with its head at the end: "Name of the patient" is `patient name`.

    Gives "" for one that counts or asks rather than names.
    """
    sentence = re.split(r"[.;:\n(]", comment.strip().replace("-", ""), maxsplit=1)[0].lower()
    if _ASKS.match(sentence):
        return ""
    if turned := _COMMENT_OF.match(sentence):
        sentence = f"{turned['whose']} {turned['what']}"
    return words_of(sentence)
