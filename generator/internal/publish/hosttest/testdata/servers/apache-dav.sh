# needs apache2
# It asks for Digest authentication, and soon for another nonce.
mkdir "$SITE"
[ "$(id -u)" != 0 ] || chown www-data:www-data "$DIR" "$SITE"
: >"$DIR/types"
printf '%s\n' "$DIGEST_USER" >"$DIR/users"
for m in mpm_event authn_core authn_file authz_core authz_user auth_digest dav dav_fs mime; do
	echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"
done >"$DIR/conf"
cat >>"$DIR/conf" <<END
ServerRoot $DIR
ServerName localhost
Listen 127.0.0.1:$PORT
PidFile $DIR/pid
ErrorLog $DIR/errors
DefaultRuntimeDir $DIR
TypesConfig $DIR/types
User www-data
Group www-data
DocumentRoot $SITE
DavLockDB $DIR/locks
<Directory $SITE>
  Dav on
  AuthType Digest
  AuthName site
  AuthDigestNonceLifetime 2
  AuthUserFile $DIR/users
  <LimitExcept GET HEAD>
    Require valid-user
  </LimitExcept>
</Directory>
END
exec apache2 -DFOREGROUND -f "$DIR/conf"
