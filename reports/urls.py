from django.urls import path, reverse

from campaigns.models import Campaign
from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.ReportIndex.as_view(), name="index"),
    path("campaign/<int:campaign_id>/", views.CampaignReport.as_view(), name="campaign"),
    path("campaign/<int:campaign_id>/live/", views.CampaignLive.as_view(), name="campaign_live"),
    path("campaign/<int:campaign_id>/why-not/", views.CampaignWhyNots.as_view(), name="campaign_why_nots"),
    path("campaign/<int:campaign_id>/progress/", views.CampaignProgress.as_view(), name="campaign_progress"),
    path("campaign/<int:campaign_id>/recipients.csv", views.CampaignRecipients.as_view(), name="campaign_recipients"),
]


def campaign_report_url(campaign: Campaign) -> str:
    return reverse("reports:campaign", args=[campaign.pk])
