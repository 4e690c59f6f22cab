# needs sshd
# OpenSSH with three host keys, whose private halves and one user's public key are
# given. Who logs in is whoever runs the tests.
for kind in ED25519 ECDSA RSA; do
	eval "printf %s \"\$$kind\"" >"$DIR/$kind"
	chmod 600 "$DIR/$kind"
done
printf '%s\n' "$USER_KEY" >"$DIR/authorized_keys"
# As root it does not start without, and only a system manager makes it.
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
# SHLVL keeps bash from reading what the account has for people who log in.
cat >"$DIR/conf" <<END
ListenAddress 127.0.0.1:$PORT
HostKey $DIR/ED25519
HostKey $DIR/ECDSA
HostKey $DIR/RSA
AuthorizedKeysFile $DIR/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 100
SetEnv SHLVL=2
Subsystem sftp internal-sftp
END
exec "$(command -v sshd)" -D -e -f "$DIR/conf"
