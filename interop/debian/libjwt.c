// Debian: libjwt-dev gcc libc6-dev pkg-config
#include <errno.h>
#include <jwt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int main(void) {
  char key[1024] = "$SECRET"; // secret
  char key[1024] = ""; // ES256, EdDSA
  fread(key, 1, sizeof key - 1, fopen("key.pem", "r")); // ES256, EdDSA
  jwt_t *jwt;
  errno = jwt_decode(&jwt, "$TOKEN", (unsigned char *)key, strlen(key));
  if (errno == 0 && jwt_get_grant_int(jwt, "exp") <= time(NULL)) errno = ETIME;
  if (errno == 0 && strcmp(jwt_get_grant(jwt, "iss"), "$ISSUER")) errno = EACCES; // option
  if (errno == 0 && strcmp(jwt_get_grant(jwt, "aud"), "$AUDIENCE")) errno = EACCES; // option
  if (errno) return perror("the token"), 1;
  printf("%s %ld\n", jwt_get_grant(jwt, "sub"), jwt_get_grant_int(jwt, "gen"));
}
