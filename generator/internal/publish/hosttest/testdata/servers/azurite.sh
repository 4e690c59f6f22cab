# needs azurite-blob
export AZURITE_ACCOUNTS="$ACCOUNT"
exec azurite-blob --blobPort "$PORT" --location "$DIR" --silent --disableTelemetry
