# needs rsync
# A module that can be written, one that cannot, and one that is full.
mkdir "$SITE"
cat >"$DIR/conf" <<END
address = 127.0.0.1
port = $PORT
pid file = $DIR/pid
log file = $DIR/rsyncd.log
use chroot = no
motd file = $DIR/motd
path = $SITE
auth users = alice
secrets file = $DIR/secrets
END
[ "$(id -u)" != 0 ] || printf 'uid = 0\ngid = 0\n' >>"$DIR/conf"
printf '[site]\nread only = no\n[readonly]\nread only = yes\n[full]\nmax connections = -1\n' >>"$DIR/conf"
echo '-rw-r--r-- 1 2026/01/01 00:00:00 welcome' >"$DIR/motd"
printf 'alice:%s\n' "$PASSWORD" >"$DIR/secrets"
chmod 600 "$DIR/secrets"
exec rsync --daemon --no-detach --config="$DIR/conf"
