# needs apache2 git htpasswd
# git-http-backend, to whoever has the password.
mkdir "$SITE"
htpasswd -bc "$DIR/users" alice "$PASSWORD"
for m in mpm_event authn_core authn_file authz_core authz_user auth_basic alias env cgi; do
	echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"
done >"$DIR/conf"
[ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n' >>"$DIR/conf"
cat >>"$DIR/conf" <<END
ServerName localhost
ServerRoot $DIR
Listen 127.0.0.1:$PORT
PidFile $DIR/pid
ErrorLog $DIR/errors
DefaultRuntimeDir $DIR
SetEnv PATH $PATH
SetEnv GIT_PROJECT_ROOT $SITE
SetEnv GIT_HTTP_EXPORT_ALL
SetEnv GIT_CONFIG_COUNT 1
SetEnv GIT_CONFIG_KEY_0 safe.directory
SetEnv GIT_CONFIG_VALUE_0 *
ScriptAlias /git/ $(git --exec-path)/git-http-backend/
<Location />
  AuthType Basic
  AuthName git
  AuthBasicProvider file
  AuthUserFile $DIR/users
  Require valid-user
</Location>
END
exec apache2 -DFOREGROUND -f "$DIR/conf"
