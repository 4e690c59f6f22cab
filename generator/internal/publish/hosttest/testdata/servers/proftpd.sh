# needs proftpd
mkdir "$SITE"
printf 'minxi:%s:%s:%s::%s:/bin/sh\n' "$PASSWORD_HASH" "$(id -u)" "$(id -g)" "$SITE" >"$DIR/users"
printf %s "$CERTIFICATE" >"$DIR/cert.pem"
printf %s "$KEY" >"$DIR/key.pem"
chmod 600 "$DIR/users" "$DIR/key.pem"
program=$(command -v proftpd)
cat >"$DIR/conf" <<END
ModulePath ${program%/sbin/proftpd}/lib/proftpd
LoadModule mod_tls.c
ServerType standalone
DefaultAddress 127.0.0.1
Port $PORT
User $(id -un)
Group $(id -gn)
RootLogin on
RequireValidShell off
UseReverseDNS off
WtmpLog off
MaxInstances 100
PidFile $DIR/pid
ScoreboardFile $DIR/score
DelayTable none
SystemLog $DIR/errors
AllowOverwrite on
Umask 022
<IfModule mod_auth_pam.c>
AuthPAM off
</IfModule>
AuthOrder mod_auth_file.c
AuthUserFile $DIR/users
TLSEngine on
TLSProtocol TLSv1.2 TLSv1.3
TLSRequired on
TLSLog $DIR/tls
TLSECCertificateFile $DIR/cert.pem
TLSECCertificateKeyFile $DIR/key.pem
END
exec "$program" -n -q -c "$DIR/conf"
