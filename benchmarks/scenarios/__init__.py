"""One scenario, or one family of them, in each file; each also runs by hand."""

# The order in which they are reported; one that is not named comes after.
ORDER = (
    "ainvoke_chain",
    "invoke_chain",
    "ainvoke_functions",
    "invoke_functions",
    "abatch",
    "batch",
    "parallel",
    "astream",
    "events_all",
    "events_filtered",
    "ainvoke_fake",
    "astream_fake",
    "events_all_fake",
    "events_filtered_fake",
    "vectors",
    "partial_json",
    "partial_json_share",
    "import_time",
    "slow_consumer",
)
