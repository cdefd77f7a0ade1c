"""The config of a Kafka Connect connector without anything that may be a secret.

Only settings that are known to hold none are shown; of all others, only the names are. Addresses lose users,
passwords and options.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

HIDDEN = "(hidden)"

_SHOWN = re.compile(
    r"""
    name | connector\.class | tasks\.max | topics | topics\.regex | topics\.dir | topic
  | topic\.(prefix|suffix|separator)
  | topic\.(creation\.)?[\w.]*(partitions|replication\.factor|cleanup\.policy) | topic\.namespace\.map
  | ((key|value|header)\.converter|errors\.tolerance|errors\.deadletterqueue\.topic\.name)
  | (key|value)\.converter\.(schemas\.enable|enhanced\.avro\.schema\.support)
  | (table|collection|column|schema|database|field|fields|message\.key\.columns)
      \.?(include|exclude|whitelist|blacklist)?(\.list)?
  | database\.(hostname|port|dbname|names|pdb\.name|server\.name|server\.id) | mongodb\.(name|hosts)
  | (fields|table)\.(name\.format|types|whitelist|blacklist|include|exclude) | collection(\.name\.format)? | database
  | (pk|primary\.key)\.(mode|fields) | (insert|delete|evolution|snapshot|schema\.evolution)\.(mode|enabled|basic) | mode
  | auto\.(create|evolve) | (incrementing|timestamp)\.column\.name | poll\.interval\.ms | batch\.size | batch\.max\.rows
  | plugin\.name | slot\.name | publication\.(name|autocreate\.mode) | publish\.full\.document\.only
  | snowflake\.(database\.name|schema\.name|topic2table\.map|enable\.schematization|role\.name|ingestion\.method)
  | project | defaultDataset | datasets | topic2TableMap | sanitizeTopics | kafkaKeyFieldName | autoCreateTables
  | (s3|gcs|aws\.s3)\.(bucket\.name|region|part\.size) | flush\.size | rotate\.interval\.ms | format\.class
  | storage\.class | partitioner\.class | path\.format | partition\.duration\.ms | locale
  | timezone | file | file\.name\.prefix
  | aws\.redshift\.(domain|port|database) | kafka\.topic | (source|target)\.cluster\.alias | groups(\.exclude)?
  | (source|target)\.cluster\.bootstrap\.servers | replication\.(factor|policy\.(class|separator))
  | transforms | predicates | predicates\.\w+\.(type|pattern)
  | transforms\.\w+\.(type|predicate|negate|regex|replacement|topic\.regex|topic\.replacement|renames|include|exclude
      |whitelist|blacklist|fields|field|delimiter|spec|add\.fields|add\.fields\.prefix|add\.headers|drop\.tombstones
      |delete\.(handling|tombstone\.handling)\.mode|target\.type|format|unix\.precision|timestamp\.format|topic\.format
      |(timestamp|topic|partition|offset|static)\.field|schema\.(name|version))
    """,
    re.VERBOSE,
)
_ADDRESSES = frozenset(
    {"connection.url", "connection.uri", "mongodb.connection.string", "snowflake.url.name", "hdfs.url"}
)
_ADDRESS = re.compile(r"(?P<scheme>(?:jdbc:)?[\w+:]+//|)(?:[^/@\s]*@)?(?P<hosts>[\w.,:\[\]-]+)(?P<path>/[\w./-]*)?")
_USERINFO = re.compile(r"//[^/\s]*@")


def shown(config: Mapping[str, str]) -> str:
    """Give a config as JSON, in the order of its names."""
    return json.dumps({name: _value(name, value) for name, value in sorted(config.items())}, indent=1)


def _value(name: str, value: str) -> str:
    if name in _ADDRESSES:
        return _address(value)
    if not _SHOWN.fullmatch(name) or _USERINFO.search(value):
        return HIDDEN
    return value


def _address(value: str) -> str:
    """Keep scheme, hosts and path of an address; what has another form is hidden."""
    match = _ADDRESS.match(value)
    if match is None or "@" in value[match.end() :]:
        return HIDDEN
    return f"{match['scheme']}{match['hosts']}{match['path'] or ''}"
