"""The events of eDelivery, and what it states on its own."""

from __future__ import annotations

from contracts.edelivery import examples, requests, results, rules
from contracts.edelivery.notifications import MessageArrived
from contracts.event_contract import EventContract
from contracts.notification_contract import NotificationContract

_PROFILES: tuple[EventContract, ...] = (
    EventContract(
        system="edelivery",
        operation="profile.search",
        title="Find the profile of a person or an organisation",
        description="One that can receive messages, in one target group.",
        model=requests.SearchProfile,
        rules=rules.no_rules,
        example=examples.SEARCH,
        result=results.FoundProfile,
        answered=examples.FOUND,
        body=examples.FOUND_BODY,
    ),
    EventContract(
        system="edelivery",
        operation="profile.check",
        title="List the profiles of a number",
        description="In all target groups, in pages, with whether they are active or passive.",
        model=requests.CheckProfiles,
        rules=rules.no_rules,
        example=examples.CHECK,
        result=results.FoundProfiles,
        answered=examples.CHECKED,
    ),
    EventContract(
        system="edelivery",
        operation="profile.read",
        title="Read a profile",
        description="By the system's own id, with its address.",
        model=requests.ReadProfile,
        rules=rules.no_rules,
        example=examples.READ_PROFILE,
        result=results.FoundProfile,
        answered=examples.PROFILE_READ,
    ),
    EventContract(
        system="edelivery",
        operation="profile.register-passive",
        title="Register a passive profile",
        description="So that a person without a profile can be sent messages.",
        model=requests.RegisterPassiveProfile,
        rules=rules.passive_rules,
        example=examples.REGISTER,
        result=results.ProfileRegistered,
        answered=examples.REGISTERED,
        body=examples.REGISTERED_BODY,
        stated=results.StatedProfile,
    ),
)

_TEMPLATES: tuple[EventContract, ...] = (
    EventContract(
        system="edelivery",
        operation="template.list",
        title="List the templates of messages",
        description="Those that the profile has access to.",
        model=requests.ListTemplates,
        rules=rules.no_rules,
        example=examples.LIST_TEMPLATES,
        result=results.Templates,
        answered=examples.TEMPLATES,
    ),
    EventContract(
        system="edelivery",
        operation="template.read",
        title="Read a template",
        description="With its fields: their ids, types, and whether each must have a value.",
        model=requests.ReadTemplate,
        rules=rules.no_rules,
        example=examples.READ_TEMPLATE,
        result=results.TemplateRead,
        answered=examples.TEMPLATE_READ,
    ),
)

_MESSAGES: tuple[EventContract, ...] = (
    EventContract(
        system="edelivery",
        operation="message.send",
        title="Send a message",
        description="From the signer's own profile, with files that are uploaded and scanned before.",
        model=requests.SendMessage,
        rules=rules.send_rules,
        example=examples.SEND,
        result=results.MessageSent,
        answered=examples.SENT,
        body=examples.SENT_BODY,
        stated=results.StatedMessage,
        needs_rnu=True,
    ),
    EventContract(
        system="edelivery",
        operation="message.send-on-behalf",
        title="Send a message on behalf of another profile",
        description="From the profile of somebody whom the operator's settings let the signer represent.",
        model=requests.SendMessageOnBehalf,
        rules=rules.send_rules,
        example=examples.SEND_ON_BEHALF,
        result=results.MessageSent,
        answered=examples.SENT,
        body=examples.SENT_BODY,
        stated=results.StatedMessage,
        needs_rnu=True,
    ),
    EventContract(
        system="edelivery",
        operation="message.open",
        title="Open a received message",
        description="A legal receipt: the message then counts as served. Its files go to Herald's store.",
        model=requests.OpenMessage,
        rules=rules.no_rules,
        example=examples.OPEN,
        result=results.MessageOpened,
        answered=examples.OPENED,
    ),
    EventContract(
        system="edelivery",
        operation="message.view",
        title="Read a message that was sent",
        description="With its content and who has received it; files without their content.",
        model=requests.ViewMessage,
        rules=rules.no_rules,
        example=examples.VIEW,
        result=results.MessageViewed,
        answered=examples.VIEWED,
    ),
    EventContract(
        system="edelivery",
        operation="message.status",
        title="Read who has received a message",
        description="Each recipient has received it, or has not yet.",
        model=requests.ViewMessage,
        rules=rules.no_rules,
        example=examples.STATUS,
        result=results.MessageStatus,
        answered=examples.STATUS_READ,
        body=examples.STATUS_BODY,
    ),
    EventContract(
        system="edelivery",
        operation="inbox.list",
        title="List received messages",
        description="In pages, by days and template. Listing is no receipt.",
        model=requests.ListMessages,
        rules=rules.list_rules,
        example=examples.LIST,
        result=results.ListedMessages,
        answered=examples.INBOX,
    ),
    EventContract(
        system="edelivery",
        operation="outbox.list",
        title="List sent messages",
        description="In pages, by days and template.",
        model=requests.ListMessages,
        rules=rules.list_rules,
        example=examples.LIST,
        result=results.ListedMessages,
        answered=examples.OUTBOX,
    ),
)

EVENTS: tuple[EventContract, ...] = (*_PROFILES, *_TEMPLATES, *_MESSAGES)

NOTIFICATIONS: tuple[NotificationContract, ...] = (
    NotificationContract(
        system="edelivery",
        name="message.arrived",
        title="A message has arrived",
        description="In an inbox that Herald watches; its content stays unread until an event asks for it.",
        model=MessageArrived,
        example=examples.ARRIVED,
        workers=("edelivery",),
    ),
)
