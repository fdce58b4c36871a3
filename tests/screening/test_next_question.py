def test_the_age_is_asked_also_where_much_was_told_at_once():
    told = heard(
        "documents_withheld", "confinement", "excessive_hours", flow="self", role="self", consent="yes", spoke=True
    )

    assert next_question(told).id == "age_band"
