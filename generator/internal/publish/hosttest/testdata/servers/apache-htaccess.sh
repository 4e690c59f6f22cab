# needs apache2
# It serves the folder $ROOT, which may have a .htaccess of the least rights.
chmod 755 "$DIR"
for m in mpm_event authz_core dir mime headers rewrite; do
	echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"
done >"$DIR/conf"
cat >>"$DIR/conf" <<END
ServerRoot $DIR
PidFile $DIR/pid
ErrorLog $DIR/errors
Listen 127.0.0.1:$PORT
ServerName 127.0.0.1:$PORT
User www-data
Group www-data
TypesConfig /dev/null
DocumentRoot $ROOT
<Directory $ROOT>
  Require all granted
  AllowOverride FileInfo
</Directory>
END
exec apache2 -DFOREGROUND -f "$DIR/conf"
