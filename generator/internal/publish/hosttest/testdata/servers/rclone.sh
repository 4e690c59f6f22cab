# needs rclone
# rclone serves a folder as $SERVE says: a protocol and its options.
mkdir "$SITE"
case $SERVE in
sftp)
	printf %s "$HOST_KEY" >"$DIR/key"
	printf '%s\n' "$USER_KEY" >"$DIR/authorized_keys"
	chmod 600 "$DIR/key"
	SERVE="sftp --key $DIR/key --authorized-keys $DIR/authorized_keys"
	;;
esac
exec rclone serve $SERVE --config /dev/null --addr "127.0.0.1:$PORT" "$SITE"
