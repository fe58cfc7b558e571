"""What each chat cannot do, as `docs/platforms.md` tells it: what no table of capabilities says."""

from __future__ import annotations

from typing import Final

from chatops.conversation.command import Names

FACTS: Final = {
    "slack": (
        Names(
            "In threads Slack has no slash commands: `!quitx` or a mention calls the bot there.",
            "Dans les fils, Slack n’a pas de commandes `/` : `!quitx` ou une mention y appelle le "
            "bot.",
        ),
        Names(
            "An answer for you alone is not kept by Slack: it is gone when you reload. Ask again.",
            "Slack ne garde pas une réponse qui n’est que pour vous : elle disparaît quand vous "
            "rechargez la page. Redemandez-la.",
        ),
        Names(
            "The bot can delete nobody’s messages but its own, for Slack lets no app do that: who "
            "wrote a secret or dropped an archive is asked to delete it.",
            "Le bot ne peut supprimer que ses propres messages, car Slack n’en permet pas plus à "
            "une application : la personne qui a écrit un secret ou déposé une archive est priée "
            "de le supprimer.",
        ),
        Names(
            "While the bot is away, Slack offers messages and reactions again for some minutes; "
            "later ones it never tells. Commands and buttons fail at once, and Slack says so to "
            "who used them: type, press or react again.",
            "Pendant une absence du bot, Slack présente de nouveau les messages et les réactions "
            "pendant quelques minutes ; passé ce délai, il n’en dit rien. Les commandes et les "
            "boutons échouent aussitôt, et Slack le dit à qui s’en est servi : recommencez.",
        ),
        Names(
            "In a channel that the bot is not in, only `/quitx` works: invite it with "
            "`/invite @QuitX`.",
            "Dans un salon où le bot n’est pas, seul `/quitx` fonctionne : invitez-le avec "
            "`/invite @QuitX`.",
        ),
    ),
    "discord": (
        Names(
            "An answer for you alone to a message or a reaction comes as a direct message, and a "
            "line in the channel says so; Discord hides answers to slash commands, buttons and "
            "forms only. Where you take no direct messages, that line says how to ask with "
            "`/quitx`.",
            "Une réponse qui n’est que pour vous, à un message ou à une réaction, arrive en "
            "message privé, et une ligne le dit dans le salon ; Discord ne sait cacher que les "
            "réponses aux commandes `/`, aux boutons et aux formulaires. Si vous n’acceptez pas de "
            "messages privés, cette ligne dit comment demander avec `/quitx`.",
        ),
        Names(
            "Hidden answers are gone when you reload Discord. Ask again.",
            "Les réponses cachées disparaissent quand vous rechargez Discord. Redemandez-les.",
        ),
        Names(
            "The bot deletes others’ messages only where it has *Manage Messages*, and never in a "
            "direct conversation: elsewhere their author is asked to.",
            "Le bot ne supprime les messages des autres que s’il a *Gérer les messages*, et jamais "
            "dans une conversation privée : ailleurs, leur auteur en est prié.",
        ),
        Names(
            "After an absence the bot reads again what was written in servers in the last 15 "
            "minutes. Discord keeps nothing else for it: reactions, commands, buttons and direct "
            "messages of that time are not heard. Type, press or react again.",
            "Après une absence, le bot relit ce qui a été écrit sur les serveurs dans les 15 "
            "dernières minutes. Discord ne lui garde rien d’autre : les réactions, commandes, "
            "boutons et messages privés de ce moment ne sont pas entendus. Recommencez.",
        ),
        Names(
            "Without *Message Content Intent* the bot reads only mentions and direct messages; "
            "`/quitx` works.",
            "Sans *Message Content Intent*, le bot ne lit que les mentions et les messages "
            "privés ; `/quitx` fonctionne.",
        ),
        Names(
            "A command that has others below it cannot be called alone: `/quitx places` is "
            "`/quitx places show` there. `/quitx line` and `!quitx` take any line as it stands.",
            "Une commande qui en a d’autres sous elle ne s’appelle pas seule : `/quitx salons` y "
            "est `/quitx salons montrer`. `/quitx ligne` et `!quitx` prennent toute ligne telle "
            "quelle.",
        ),
    ),
    "matrix": (
        Names(
            "Clients keep `/` for themselves: every command begins with `!quitx` or a mention.",
            "Les logiciels gardent `/` pour eux : chaque commande commence par `!quitx` ou par une "
            "mention.",
        ),
        Names(
            "There are no buttons and no forms: a choice is a line to type, or a reaction that the "
            "bot has added for you to click.",
            "Il n’y a ni boutons ni formulaires : un choix est une ligne à taper, ou une réaction "
            "que le bot a déjà mise et qu’il suffit de cliquer.",
        ),
        Names(
            "There are no private replies in a room: the bot opens an encrypted room with you, "
            "invites you into it once, and says in the first room that it answered there.",
            "Il n’y a pas de réponses privées dans un salon : le bot ouvre un salon chiffré avec "
            "vous, vous y invite une fois, et dit dans le premier qu’il y a répondu.",
        ),
        Names(
            "The bot deletes others’ messages only where the room lets it (*Remove messages sent "
            "by others*): elsewhere their author is asked to.",
            "Le bot ne supprime les messages des autres que si le salon le lui permet (*Supprimer "
            "les messages envoyés par d’autres*) : ailleurs, leur auteur en est prié.",
        ),
        Names(
            "After an absence everything is heard, reactions too, but not what is older than the "
            "last 5,000 events of a room.",
            "Après une absence, tout est entendu, les réactions aussi, sauf ce qui précède les "
            "5 000 derniers événements d’un salon.",
        ),
        Names(
            "A message whose encryption key never comes cannot be read: the bot asks to send it "
            "again.",
            "Un message dont la clé n’arrive jamais ne peut pas être lu : le bot demande de le "
            "renvoyer.",
        ),
        Names(
            "Most homeservers take one message in five seconds after a burst of ten: progress is "
            "then told less often.",
            "La plupart des serveurs prennent un message toutes les cinq secondes après dix "
            "d’affilée : l’avancement est alors dit moins souvent.",
        ),
    ),
}
"""What no table tells: what a chat cannot do, and what is done there instead."""
