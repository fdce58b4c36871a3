"""Words for cases: what staff read for each state, each kind of consent, each HTCDS field and value.

The values themselves stand in `content/standards/htcds.yml`; a value without a word here is shown as it is.
"""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from records.states import CaseState, ConsentKind, ReferralState, Role

Words = dict[str, str | Promise]

ABOUT: Words = {
    Role.SELF: _("The person writes about themselves"),
    Role.FAMILY: _("Somebody close to the person writes"),
    Role.COMMUNITY: _("Somebody who saw or knows something writes"),
}
STATES: Words = {
    CaseState.ACTIVE: _("Active"),
    CaseState.FOLLOW_UP: _("Follow-up"),
    CaseState.CLOSED: _("Closed"),
    CaseState.REFERRED: _("Closed, another organisation goes on"),
}
CONSENTS: Words = {
    ConsentKind.KEEP: _("We keep a record"),
    ConsentKind.SHARE: _("We give it to an organisation"),
    ConsentKind.POLICE: _("We report to the police"),
    ConsentKind.CONTACT: _("We write or call at the safe time"),
    ConsentKind.INTERPRETER: _("An interpreter reads along"),
}
HOW: Words = {
    "chat": _("In the chat"),
    "phone": _("By phone"),
    "person": _("In person"),
    "writing": _("In writing"),
}
LIMITS: Words = {
    "purpose": _("What it is for and who will read it"),
    "what": _("What exactly is kept or given"),
    "how_long": _("How long it is kept"),
    "see_it": _("They may ask to see it"),
    "withdraw": _("They may take it back, and how"),
    "secrecy_ends": _("When we must tell somebody: danger to life, a child"),
    "no_difference": _("A no changes nothing about our help"),
}
REFERRALS: Words = {
    ReferralState.OFFERED: _("Told of it"),
    ReferralState.MADE: _("We have told the service"),
    ReferralState.ARRIVED: _("They arrived there"),
    ReferralState.DECLINED: _("They did not want it"),
    ReferralState.FAILED: _("The service could not help"),
}
NEVER: Words = {
    "write_first": _("Write first"),
    "call": _("Call"),
    "leave_message": _("Leave a message with anybody"),
    "tell_family": _("Tell the family"),
    "tell_police": _("Tell the police"),
}

FIELDS: Words = {
    "prs_FirstName": _("First name"),
    "prs_SecondName": _("Family name"),
    "prs_Birthdate": _("Date of birth"),
    "prs_Gender": _("Gender"),
    "prs_MaritalStatus": _("Family status"),
    "prs_NumberOfChildren": _("Number of children"),
    "prs_PrimaryLanguage": _("First language"),
    "prs_SecondaryLanguage": _("Second language"),
    "prs_Citizenship": _("Citizenship"),
    "prs_Email": _("E-mail"),
    "prs_MobilePhone": _("Mobile phone"),
    "prs_MailingCity": _("City"),
    "prs_MailingCountry": _("Country"),
    "vic_TraffickingStatus": _("Status"),
    "vic_TraffickingStatusDecisionMakingOrg": _("Who decided the status"),
    "vic_RelationshipToTrafficker": _("Relation to the exploiter"),
    "vic_AgeWhenTrafficked": _("Age when it began"),
    "vic_MethodOfRecruitment": _("How they were recruited"),
    "vic_RecruitmentWebsitesAndApps": _("Apps used for recruiting"),
    "vic_MethodsOfControl": _("How they are controlled"),
    "vic_TypeOfExploitation": _("Kind of exploitation"),
    "vic_ForcedLabourIndustry": _("Kind of work"),
    "vic_TypeOfSexExploitation": _("Kind of sexual exploitation"),
    "cas_Status": _("State of the case"),
    "cas_ReasonForCaseClosure": _("Why it was closed"),
    "cas_CaseOwner": _("Case worker"),
    "cas_ReferredOrganisation": _("Given to"),
    "cas_ReasonForOutgoingReferral": _("Reason of the referral"),
    "cas_OutgoingReferralDate": _("Date of the referral"),
    "cas_OutgoingReferralDetails": _("About the referral"),
    "cco_CaseComment": _("Note"),
    "hte_Type": _("What happened"),
    "hte_Date": _("Date"),
    "hte_Country": _("Country"),
    "hte_City": _("City"),
    "hte_Description": _("In words"),
    "spl_Type": _("Kind of support"),
    "spl_Objectives": _("Aim"),
    "spl_ActionPlan": _("Steps"),
    "spl_PlannedEndDate": _("Planned until"),
    "con_Consent": _("Consent"),
}

VALUES: Words = {
    "Feminine": _("Woman or girl"),
    "Masculine": _("Man or boy"),
    "TransgenderFeminine": _("Trans woman"),
    "TransgenderMasculine": _("Trans man"),
    "NonConforming": _("Neither"),
    "NonSpecifiedUnknown": _("Not known"),
    "Single": _("Single"),
    "Married": _("Married"),
    "Widowed": _("Widowed"),
    "Divorced": _("Divorced"),
    "Separated": _("Separated"),
    "RegisteredPartnership": _("Registered partnership"),
    "PossibleVictimOfTrafficking": _("Possible victim of trafficking"),
    "ActualVictimOfTrafficking": _("Victim of trafficking, as decided by"),
    "NotAVictimOfTrafficking": _("Not a victim of trafficking"),
    "Police": _("Police"),
    "NGO": _("NGO"),
    "CourtOrProsecution": _("Court or prosecution"),
    "NonPoliceGovernmentalOrganization": _("Another authority"),
    "Other": _("Other"),
    "Familial": _("Family"),
    "Acquainted": _("Known before"),
    "Unaquainted": _("Not known before"),
    "AtAPlaceOfBusiness": _("At a place of business"),
    "AtAnEducationalInstitution": _("At a school"),
    "AtWork": _("At work"),
    "ThroughOnlineSocialNetworks": _("Through social networks"),
    "ThroughAnOnlineAdvertisement": _("Through an advertisement online"),
    "ThroughATelevisionAdvert": _("Through television"),
    "ThroughANewspaperAdvert": _("Through a newspaper"),
    "ThroughFamilyOrFamilyEvents": _("Through family"),
    "ThroughFriendsOrSocialEvents": _("Through friends"),
    "PhysicalThreats": _("Threats of violence"),
    "ThreatsLawEnforcement": _("Threats with police or deportation"),
    "ThreatensChildrenFamily": _("Threats to children or family"),
    "DebtBondage": _("Debt that must be worked off"),
    "FalsePromises": _("False promises"),
    "PhysicalAbuse": _("Violence"),
    "SexualAbuse": _("Sexual violence"),
    "TakesEarnings": _("Earnings taken"),
    "RestrictsFinancialAccess": _("No access to own money"),
    "RestrictsMedicalCare": _("No doctor allowed"),
    "WithholdsNecessities": _("Food, water or sleep withheld"),
    "PsychologicalAbuse": _("Insults and humiliation"),
    "PsychoactiveSubstance": _("Drugs or alcohol"),
    "ExcessiveWorkingHours": _("Far too long hours"),
    "WithholdsDocuments": _("Papers kept by someone else"),
    "ForcedLabour": _("Forced labour"),
    "SexualExploitation": _("Sexual exploitation"),
    "ChildLabour": _("Child labour"),
    "ForcedMarriage": _("Forced marriage"),
    "Servitude": _("Servitude, house work under control"),
    "ForcedMilitaryByNonStateActors": _("Forced to fight"),
    "OrganRemoval": _("Removal of an organ"),
    "ForcedBegging": _("Forced begging"),
    "ForcedAdoption": _("Forced adoption"),
    "Surrogacy": _("Surrogacy"),
    "A_AgricultureForestryAndFishing": _("Farming, forestry, fishing"),
    "B_MiningAndQuarrying": _("Mining"),
    "C_Manufacturing": _("Factory work"),
    "D_ElectricityGasSteamAndAirConditioningSupply": _("Electricity and gas"),
    "E_WaterSupplySewerageWasteManagement": _("Water and waste"),
    "F_Construction": _("Building"),
    "G_WholesaleAndRetailTradeRepairOfMotorVehicles": _("Shops and car repair"),
    "H_TransportationAndStorage": _("Transport and storage"),
    "I_AccommodationAndFoodServiceActivities": _("Hotels and restaurants"),
    "J_InformationAndCommunication": _("Information and communication, online scams"),
    "K_FinancialAndInsuranceActivities": _("Finance"),
    "L_RealEstateActivities": _("Real estate"),
    "M_ProfessionalScientificAndTechnicalActivities": _("Professional services"),
    "N_AdministrativeAndSupportServiceActivities": _("Cleaning, guarding, agency work"),
    "O_PublicAdministrationAndDefence": _("Public service"),
    "P_Education": _("Schools"),
    "Q_HumanHealthAndSocialWorkActivities": _("Care and health"),
    "R_ArtsEntertainmentAndRecreation": _("Entertainment"),
    "S_OtherServiceActivities": _("Other services, massage, beauty"),
    "T_ActivitiesOfHouseholdsAsEmployers": _("House work"),
    "U_ActivitiesOfExtraterritorialOrganizations": _("Embassies and international bodies"),
    "Prostitution": _("Prostitution"),
    "Pornography": _("Pictures and films"),
    "RemoteInteractiveServices": _("In front of a camera, online"),
    "PrivateSexualServices": _("For one person in private"),
    "Active": _("Active"),
    "FollowUp": _("Follow-up"),
    "Closed": _("Closed"),
    "ClosedReferred": _("Closed, another organisation goes on"),
    "AdditionalServicesRequired": _("More services are needed"),
    "MigrationOrChangeOfLocation": _("They moved"),
    "Recruitment": _("Recruitment"),
    "Transit": _("On the way"),
    "Exploitation": _("Exploitation"),
    "Education": _("Education"),
    "Financial": _("Money"),
    "Health": _("Health"),
    "LabourExploitationRehabilitation": _("Recovery after forced labour"),
    "Legal": _("Law"),
    "Livelihood": _("Work and income"),
    "RightsBasedTraining": _("Knowing their rights"),
    "SexualExploitationRehabilitation": _("Recovery after sexual exploitation"),
    "SocialCare": _("Social care"),
}

# What was heard in a conversation, as a hint beside the choice; nothing is chosen by it.
HINTS: dict[str, tuple[str, ...]] = {
    "PhysicalThreats": ("threats",),
    "ThreatsLawEnforcement": ("threat_of_authorities",),
    "ThreatensChildrenFamily": ("threats",),
    "DebtBondage": ("debt_bondage",),
    "FalsePromises": ("deception",),
    "PhysicalAbuse": ("violence",),
    "SexualAbuse": ("sexual_violence",),
    "TakesEarnings": ("earnings_taken", "wages_withheld"),
    "RestrictsMedicalCare": ("denied_medical_care",),
    "WithholdsNecessities": ("food_deprivation",),
    "PsychologicalAbuse": ("verbal_abuse", "threat_of_exposure"),
    "ExcessiveWorkingHours": ("excessive_hours",),
    "WithholdsDocuments": ("documents_withheld",),
    "SexualExploitation": ("sexual_exploitation", "cannot_refuse_clients"),
    "ForcedMarriage": ("forced_marriage",),
    "Servitude": ("domestic_servitude",),
    "OrganRemoval": ("organ_removal", "organ_broker"),
    "ForcedBegging": ("forced_begging",),
}


def field_word(name: str) -> str:
    """A field in plain words."""
    return str(FIELDS.get(name, _spelled(name.partition("_")[2] or name)))


def value_word(value: str) -> str:
    """A value of a picklist in plain words."""
    return str(VALUES.get(value, value))


def _spelled(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
