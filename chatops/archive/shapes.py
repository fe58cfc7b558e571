"""How the elements of each file look; where X changed its mind, the newer form stands first."""

from __future__ import annotations

from chatops.archive import account_records as accounts
from chatops.archive import tweet_records as tweets
from chatops.archive.reading import bare, wrapped

TWEETS = (wrapped(tweets.TweetRow, lambda row: row.tweet), bare(tweets.Tweet))
SIGHTINGS = (wrapped(tweets.SightingRow, lambda row: row.tweet), bare(tweets.Sighting))
NOTES = (wrapped(tweets.NoteRow, lambda row: row.note_tweet),)
FOLLOWING = (wrapped(accounts.FollowingRow, lambda row: row.following.account_id),)
FOLLOWERS = (wrapped(accounts.FollowerRow, lambda row: row.follower.account_id),)
BLOCKS = (wrapped(accounts.BlockRow, lambda row: row.blocking.account_id),)
MUTES = (wrapped(accounts.MuteRow, lambda row: row.muting.account_id),)
LISTS = (wrapped(accounts.ListRow, lambda row: row.user_list_info.url),)
ACCOUNT = (wrapped(accounts.AccountRow, lambda row: row.account),)
PROFILE = (wrapped(accounts.ProfileRow, lambda row: row.profile),)
RENAMINGS = (wrapped(accounts.RenamingRow, lambda row: row.screen_name_change.screen_name_change),)
PROTECTION = (wrapped(accounts.ProtectionRow, lambda row: row.protected_history),)
