"""The closed lists are complete, of one piece, and in use."""

from __future__ import annotations

import pytest

from gateway.policy.vocabulary import UNKNOWN, Vocabulary
from tests.policies.casebook import cases, library


@pytest.fixture
def vocabulary() -> Vocabulary:
    """The lists as they are shipped."""
    return library().vocabulary


def test_the_file_agrees_with_itself(vocabulary: Vocabulary) -> None:
    """Families, categories of kinds, signers and states all exist."""
    assert list(vocabulary.mistakes("vocabulary.yaml")) == []


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            "requester_classes",
            (
                "ice_ero ice_hsi ice_opla ice_lesc cbp_ofo cbp_usbp uscis dhs_other "
                "eoir usao usms fbi other_federal_le other_federal_civil state_le "
                "local_le local_le_287g_jem local_le_287g_wso local_le_287g_tfm "
                "joint_task_force fusion_center court prosecutor defence probation "
                "corrections foreign commercial_broker insurer licensed_pi employer "
                "researcher media subject subject_counsel public oversight_auditor "
                "internal_staff toll_operator local_official marketer "
                "database_vendor policy_author"
            ),
        ),
        (
            "kinds",
            (
                "read_fields notify hold transfer interview facility_access "
                "direct_account bulk_export agreement collect_field audit_export "
                "report redisclose agreement_terminate compliance_check "
                "policy_change"
            ),
        ),
        (
            "purposes",
            (
                "immigration_civil immigration_criminal_entry "
                "immigration_criminal_other criminal_investigation "
                "criminal_justice_admin warrant_execution custody_transfer "
                "release_notification interview identity_verification "
                "border_inspection trusted_traveler vehicle_import_export "
                "benefits_eligibility victim_protection dv_court firearms_check "
                "cj_employment licensing_employment housing visa_applicant "
                "exigent_life_safety deconfliction missing_person traffic_safety "
                "insurance litigation research resale_marketing public_records "
                "subject_access audit_oversight unspecified admin reporting booking "
                "service toll_operation redisclosure policy_change"
            ),
        ),
        (
            "channels",
            (
                "api portal nlets state_switch phone email fax in_person mail "
                "task_force_colocated"
            ),
        ),
        (
            "categories",
            (
                "record_exists threat_assessment officer_safety religion ethnicity "
                "booking_sheet immigration_status citizenship place_of_birth "
                "acp_address u_t_certification plate_location gang_affiliation "
                "intel_source ssn"
            ),
        ),
        (
            "instruments",
            (
                "i247a i247g i247_old i200 i205 i203 i286 i862 ij_order ncic_ivf "
                "i138 ao442 ao93 ao88b ao89b gj_subp fed_ct_order state_ct_order "
                "state_ct_warrant juv_ct_order fed_judge_removal_order consent "
                "statute_cited"
            ),
        ),
        (
            "obligations",
            (
                "notify_subject notify_counsel serve_request_copy inform_intent "
                "inform_person_of_detainer obtain_written_consent supervisor_review "
                "command_review agency_head_review privacy_officer_review "
                "counsel_review attorney_general_approval "
                "certify_no_immigration_use redisclosure_ban recertify "
                "verify_instrument limit_to_scope respond_public_pointer redact "
                "record_dissemination retain_years log_request document_and_decline "
                "report breach_report no_hold max_detention_until notify_judge "
                "record_in_case_file block_field_write cost_tag exclude_grant_codes "
                "purge_or_revalidate notify_recipients_of_correction "
                "after_action_audit notify_oversight lint_overlay suppress_notice "
                "training_ack watermark training_reminder label_hit_civil "
                "log_citation_rejected pend_until_verified k_anonymity flag_287g "
                "flag_magistrate flag_misuse request_certification purpose_verify "
                "board_approval suspend_account written_reason record_contact_data "
                "document"
            ),
        ),
    ],
)
def test_a_list_has_every_word_it_must(
    vocabulary: Vocabulary, part: str, words: str
) -> None:
    """Statutes and practice use these words; none may be lost."""
    assert set(words.split()) <= set(getattr(vocabulary, part))


def test_each_kind_without_fields_is_a_category_of_its_own(
    vocabulary: Vocabulary,
) -> None:
    """A hold is not a transfer: each is asked for, and decided, alone."""
    own = [kind.category for kind in vocabulary.kinds.values() if kind.category]
    assert len(own) == len(set(own)) == len(vocabulary.kind_categories)


def test_a_fact_about_a_record_has_no_default(vocabulary: Vocabulary) -> None:
    """What a catalogue does not have is unknown, and unknown opens nothing."""
    of_records = [
        name
        for name, fact in vocabulary.facts.items()
        if fact.scope in {"record", "record_category"}
    ]
    assert of_records
    assert {vocabulary.default(name) for name in of_records} == {UNKNOWN}


def test_what_a_requester_may_say_defaults_to_not_said(vocabulary: Vocabulary) -> None:
    """Silence is never a statement in the requester's favour."""
    defaults = {name: vocabulary.default(name) for name in vocabulary.sayable}
    assert set(defaults.values()) <= {False, "none", UNKNOWN}


def test_a_requester_cannot_say_what_the_gateway_must_know(
    vocabulary: Vocabulary,
) -> None:
    """Class, agreements, certifications and facts of the record are not sayable."""
    known_otherwise = {
        "purpose",
        "agreement",
        "acting_under",
        "person_named",
        "bulk",
        *(name for name in vocabulary.facts if name.startswith("certification.")),
        *(name for name, f in vocabulary.facts.items() if f.scope != "request"),
    }
    assert known_otherwise & set(vocabulary.sayable) == set()


def test_every_obligation_has_somebody_who_does_it(vocabulary: Vocabulary) -> None:
    """The gateway itself, a task with a clock, or a sentence in the answer."""
    executors = {due.executor for due in vocabulary.obligations.values()}
    assert executors == {"gateway", "task", "statement"}


def test_federal_immigration_components_are_one_family(vocabulary: Vocabulary) -> None:
    """Deputies under an agreement are summed with the components they act for."""
    family = {
        name
        for name, who in vocabulary.requester_classes.items()
        if who.family == "dhs_immigration"
    }
    assert {"ice_ero", "ice_hsi", "cbp_usbp", "local_le_287g_jem"} <= family
    assert {"state_le", "local_le", "fbi"} & family == set()


def test_no_word_of_a_case_file_is_outside_the_lists(vocabulary: Vocabulary) -> None:
    """Obligations and reasons that cases expect exist."""
    obligations = {o for case in cases().values() for o in case.expect.obligations}
    reasons = {r for case in cases().values() for r in case.expect.reasons}
    assert obligations <= set(vocabulary.obligations)
    assert reasons <= set(vocabulary.reason_codes)
