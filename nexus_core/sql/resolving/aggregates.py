"""Functions that aggregate: those that sqlglot knows as such, and by name those of each dialect that it does not."""

from __future__ import annotations

import re

from sqlglot import exp

from nexus_core.sql.reading.tokens import word_set

_NO_AGGREGATE = (
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.PercentRank,
    exp.CumeDist,
    exp.Ntile,
)
"""What sqlglot classes as an aggregate, though it gives a value of one row."""

_NAMES = frozenset(
    """
    any_value approx_count_distinct approx_distinct approx_most_frequent approx_set arg_max arg_min arbitrary
    array_agg array_concat_agg array_union_agg array_unique_agg bit_and bit_or bit_xor bitmap_agg bit_and_agg
    bit_or_agg bit_xor_agg corr_k corr_s bitmap_bucket_agg bitmap_construct_agg bitmap_or_agg bitmap_and_agg
    bitmap_union bitmap_union_count bool_and bool_or checksum checksum_agg collect collect_list collect_set
    convex_hull_agg count_big count_distinct count_min_sketch entropy every favg some fsum geometric_mean
    group_bit_and group_concat histogram histogram_numeric hll_accumulate hll_combine hll_raw_agg hll_sketch_agg
    hll_union hll_union_agg hll_cardinality json_agg json_agg_strict json_arrayagg json_group_array json_group_object
    json_object_agg json_objectagg json_object_agg_unique jsonb_agg jsonb_agg_strict jsonb_object_agg
    jsonb_object_agg_unique kahan_sum kurtosis kurtosis_pop kurtosis_samp last_non_null listagg ltrim_agg mad map_agg
    map_union map_union_sum max_by max_n median merge min_by min_n mode multimap_agg multiset_agg ndv
    numeric_histogram object_agg percentile percentile_approx percentile_cont percentile_disc product qdigest_agg
    quantile range_agg range_intersect_agg ratio_to_report raw_agg reduce_agg regr_avgx regr_avgy regr_count
    regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile schema_of_json_agg
    schema_of_variant_agg set_agg set_union set_union_agg skewness skewness_pop skewness_samp spatial_union_agg
    st_union st_union_agg st_extent st_collect st_makeline stats_mode stddev_pop stdev stdevp string_agg
    sum_no_overflow tdigest_agg total try_avg try_sum var varp var_samp variance_pop vector_sum vector_avg wm_concat
    xmlagg hll_count.init hll_count.merge hll_count.merge_partial kll_quantiles.init_int64 kll_quantiles.init_float64
    kll_quantiles.merge_int64 kll_quantiles.merge_float64 kll_quantiles.merge_partial
    quantileexactweightedinterpolated quantiledd quantilesexactinclusive quantileexactexclusive approx_top_k
    approx_top_count grouparraysorted sequencematchevents summapfiltered summapfilteredwithoverflow lttb sparkbar
    estimatecompressionratio exponentialtimedecayedsum exponentialtimedecayedmax exponentialtimedecayedcount
    """.split()  # noqa: SIM905 - a list of words
)

_SELECTORS = word_set("max_by min_by arg_max arg_min argmax argmin argmaxstate argminstate")
"""Aggregates whose second argument decides which row's first one is taken."""

_CLICKHOUSE_IF = re.compile(r"If(?:State|Merge|OrNull|OrDefault|Distinct)*$")


def is_aggregate(node: exp.Expr) -> bool:
    """Tell whether a node makes one value of many rows."""
    if isinstance(node, exp.AggFunc):
        return not isinstance(node, _NO_AGGREGATE)
    if isinstance(node, exp.Any):
        return not isinstance(node.parent, exp.Binary) and not isinstance(node.this.unnest(), exp.Query)
    return isinstance(node, exp.Anonymous) and qualified_name(node) in _NAMES


def qualified_name(call: exp.Expr) -> str:
    """Give a function's name in lower case, with a name written before it as in `hll_count.init`."""
    name = call.name.lower()
    parent = call.parent
    before = parent.this if isinstance(parent, exp.Dot) and parent.expression is call else None
    return f"{before.name.lower()}.{name}" if isinstance(before, exp.Expr) else name


def arguments(node: exp.Expr) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """Give an aggregate's arguments: those that it aggregates, and those that decide over rows."""
    if isinstance(node, (exp.ArgMax, exp.ArgMin)):
        return [node.this], [node.expression]
    if isinstance(node, exp.CountIf):
        return [], [node.this]
    if isinstance(node, exp.ParameterizedAgg):
        return _by_name(node, list(node.args.get("params") or ()))
    values = list(node.iter_expressions())
    return _by_name(node, values) if isinstance(node, (exp.AnonymousAggFunc, exp.Anonymous)) else (values, [])


def _by_name(node: exp.Expr, values: list[exp.Expr]) -> tuple[list[exp.Expr], list[exp.Expr]]:
    """Take a ClickHouse `…If`'s last argument and a selector's second one as deciding."""
    decisive = [values.pop()] if values and _CLICKHOUSE_IF.search(node.name) else []
    if _CLICKHOUSE_IF.sub("", node.name).lower() in _SELECTORS and len(values) > 1:
        decisive.append(values.pop(1))
    return values, decisive
