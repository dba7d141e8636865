# Prints what a shell that sources an exported file has in its variables.
#
# `read.sh FILE KEY...`: KEY, NUL, VALUE, NUL for each; a value in a shell can have any other byte.
. "$1"
shift
for one_key in "$@"; do
  eval "printf '%s\\0%s\\0' \"\$one_key\" \"\$$one_key\""
done
