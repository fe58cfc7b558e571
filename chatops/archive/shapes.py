"""How the elements of each file look; where X changed its mind, the newer form stands first."""

from __future__ import annotations

from chatops.archive import account_records as accounts
from chatops.archive import tweet_records as tweets
from chatops.archive.reading import bare, wrapped

TWEETS = (wrapped("tweet", tweets.Tweet), bare(tweets.Tweet))
SIGHTINGS = (wrapped("tweet", tweets.Sighting), bare(tweets.Sighting))
SIGNED_SIGHTINGS = (wrapped("tweet", tweets.SignedSighting), bare(tweets.SignedSighting))
NOTES = (wrapped("noteTweet", tweets.Note),)
FOLLOWING = (wrapped("following", accounts.Relation),)
FOLLOWERS = (wrapped("follower", accounts.Relation),)
BLOCKS = (wrapped("blocking", accounts.Relation),)
MUTES = (wrapped("muting", accounts.Relation),)
LISTS = (wrapped("userListInfo", accounts.ListUrl),)
ACCOUNT = (wrapped("account", accounts.Account),)
PROFILE = (wrapped("profile", accounts.Profile),)
RENAMINGS = (wrapped("screenNameChange", accounts.RenamingOfAccount),)
PROTECTION = (wrapped("protectedHistory", accounts.ProtectionChange),)
