# needs pure-ftpd pure-pw
# It lets no user with root's number in.
mkdir "$SITE"
uid=$(id -u) gid=$(id -g)
if [ "$uid" = 0 ]; then
	uid=65534 gid=65534
	chown $uid:$gid "$SITE"
fi
# pure-pw's own hashes take a second each to check.
printf 'minxi:%s:%s:%s::%s/./::::::::::::\n' "$PASSWORD_HASH" $uid $gid "$SITE" >"$DIR/passwords"
pure-pw mkdb "$DIR/users.pdb" -f "$DIR/passwords"
printf %s "$KEY$CERTIFICATE" >"$DIR/both.pem"
exec pure-ftpd -S "127.0.0.1,$PORT" -l "puredb:$DIR/users.pdb" -E -H -u 1 -c 100 -C 100 -f none -g "$DIR/pid" -Y 2 -2 "$DIR/both.pem"
