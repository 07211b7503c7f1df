#!/bin/sh
# certificates.sh FOLDER NAMES: an authority of its own, a certificate for the servers (NAMES are their alternative names) and one for
# clients. Does nothing when there are some that are valid for another month. docker-compose.yml runs the same file.
set -eu
folder=$1
names=$2
umask 077
mkdir -p "$folder"
cd "$folder"
openssl x509 -checkend 2592000 -noout -in client.pem >/dev/null 2>&1 && exit 0
rm -f client.pem

key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
}
signed() {
  key "$1"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -sha256 -extfile "$1.ext" -out "$1.tmp" 2>/dev/null
  mv "$1.tmp" "$1.pem"
  rm -f "$1.csr" "$1.ext"
}

key ca
openssl req -x509 -new -key ca.key -sha256 -days 730 -subj '/CN=rollout sandbox authority' \
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' -out ca.pem
signed server '/CN=temporal' "basicConstraints=CA:FALSE
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=$names"
# The last one: when it exists, all do.
signed client '/CN=rollout' 'basicConstraints=CA:FALSE
extendedKeyUsage=clientAuth'
# Nobody signs another one with it.
rm -f ca.key ca.srl
