# What the bot makes of photos: Why?, similar hashtags, albums, groups, the first contact.

button-why = 💡 Why?
button-like = 🧲 Similar…
button-join = ➕ Add to the caption above
button-back = ‹ Back

why-which = Which hashtag should I explain?
why-photo = { $tag }: what speaks for it is in the photo, most of all { $place }.
why-both = { $tag }: { $photo } % of what speaks for it is in the photo, most of all { $place }; { $tags } % is in your hashtags before it.
why-photo-alone = { $tag }: what speaks for it is in the photo, most of all { $place }; your hashtags before it do not.
why-tags-alone = { $tag }: your hashtags before it speak for it, the photo does not.
why-neither = { $tag }: neither the photo nor your hashtags before it speak for it.
why-unknown = I do not know { $tag } from photos, so I cannot show where it comes from.
why-none = { $tag } never comes from what a photo shows, so there is nothing to see.
place-top-left = at the top left
place-top = at the top
place-top-right = at the top right
place-left = on the left
place-middle = in the middle
place-right = on the right
place-bottom-left = at the bottom left
place-bottom = at the bottom
place-bottom-right = at the bottom right

# The lettering of the picture: short, and free of emoji, which its fonts lack.
map-heading = Where { $tag } comes from
map-photo = the photo
map-before = before
map-after = after { $tag }
map-from-photo = photo { $value }
map-from-tags = your tags { $value }
map-against = speaks against it
map-for = speaks for it

like-which = Similar to which hashtag?
like-now = 🧲 Similar to { $tag }:
steers-as = { $tag } is not one of mine: for the suggestions it counts as { $relatives }.
steers-not = { $tag } is new to me: the suggestions do not follow it.

join-none = The caption above is no longer open.
join-full = More than { $limit } photos do not fit into one caption.

tag-how = Reply to a photo with /tag, and I suggest hashtags for it.
tag-taken = Somebody else chooses the hashtags for this photo.
command-tag = Suggest hashtags for the photo you reply to

button-example = 👀 Show me an example
example = An example: tap the hashtags that fit, and Done when you like the caption.
inline-all = All of them
inline-photo = 📷 Suggest hashtags for a photo
card-description =
    Send me a photo and I suggest hashtags for it.

    With every tap the next suggestions follow your choice; in the end you get one caption to copy. I never store your photos.
card-about = Hashtags for your photos, one tap at a time.
