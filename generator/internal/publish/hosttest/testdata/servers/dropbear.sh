# needs dropbear dropbearkey sftp-server root
# It looks for keys below the home directory of the user alone: it gets a list of users
# of its own, in a mount namespace, which only root can make.
mkdir -p "$SITE" "$DIR/home/.ssh"
chmod 700 "$DIR/home" "$DIR/home/.ssh"
printf '%s\n' "$USER_KEY" >"$DIR/home/.ssh/authorized_keys"
chmod 600 "$DIR/home/.ssh/authorized_keys"
echo "root:x:0:0:root:$DIR/home:/bin/sh" >"$DIR/passwd"
dropbearkey -t ed25519 -f "$DIR/hostkey" >/dev/null
dropbearkey -y -f "$DIR/hostkey" | grep '^ssh-' >"$DIR/hostkey.pub"
exec unshare -m /bin/sh -c 'mount --bind "$1" /etc/passwd && shift && exec "$@"' sh "$DIR/passwd" \
	dropbear -F -E -s -m -j -k -r "$DIR/hostkey" -P "$DIR/pid" -p "127.0.0.1:$PORT"
