from hypothesis import given
from hypothesis import strategies as st

from nexus_core.catalogue import merged

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("schema", "tags", "ownership", "documentation", "datasetType", "outputStatistics", "sql")
PARTS = ("fields", "tags", "owners", "description", "datasetType", "rowCount", "query")


def test_the_most_believed_class_wins_and_lists_are_united():
    facets = merged.merge(
        {
            "event/documentation": {"description": "event"},
            "harvest/documentation": {"description": "harvest"},
            "curator/documentation": {"_deleted": True},
            "event/tags": {"tags": [{"key": "a"}, {"key": "b", "value": "1"}]},
            "harvest/tags": {"tags": [{"key": "a"}, {"key": "c", "field": "x"}]},
        }
    )
    assert merged.description_of(facets) == "harvest"
    assert merged.tags_of(facets) == ["a", "b:1"]
    assert merged.tags_of(facets, "x") == ["c"]


def test_nested_fields_have_dotted_names_in_their_order():
    schema = {"fields": [{"name": "a", "type": "struct", "fields": [{"name": "b", "type": "int"}]}, {"name": "c"}]}
    found = merged.fields_of({"schema": schema})
    assert [(field.name, field.type, field.ordinal) for field in found] == [
        ("a", "struct", 1),
        ("a.b", "int", 2),
        ("c", None, 3),
    ]


@given(st.dictionaries(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(PARTS), JSON), max_size=5))
def test_facets_of_any_shape_are_read_without_failure(facets):
    found = merged.merge({f"event/{name}": facet for name, facet in facets.items()})
    merged.description_of(found)
    merged.owners_of(found)
    merged.tags_of(found)
    merged.kind_of(found)
    merged.size_of(found)
    merged.sql_of(found)
    merged.primary_key_of(found)
    for field in merged.fields_of(found):
        merged.column_facts(found, field.name)
