// Debian: golang-github-golang-jwt-jwt-dev golang-gopkg-square-go-jose.v2-dev golang-go
package main

import (
	"encoding/base64" // JWK
	"encoding/json" // key set
	"fmt"
	"net/http" // key set
	"os"

	"github.com/golang-jwt/jwt"
	"gopkg.in/square/go-jose.v2" // key set
)

func main() {
	var set jose.JSONWebKeySet // key set
	response, err := http.Get("$KEY_SET") // key set
	fail(err) // key set
	fail(json.NewDecoder(response.Body).Decode(&set)) // key set
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims("$TOKEN", claims, func(token *jwt.Token) (any, error) { // secret, JWK
	_, err = jwt.ParseWithClaims("$TOKEN", claims, func(token *jwt.Token) (any, error) { // key set
		return []byte("$SECRET"), nil // secret
		return base64.RawURLEncoding.DecodeString("$K") // JWK
		return set.Key(token.Header["kid"].(string))[0].Key, nil // key set
	}, jwt.WithValidMethods([]string{"$ALG"}))
	fail(err)
	if !claims.VerifyIssuer("$ISSUER", true) { fail(jwt.ErrTokenInvalidIssuer) } // option
	if !claims.VerifyAudience("$AUDIENCE", true) { fail(jwt.ErrTokenInvalidAudience) } // option
	fmt.Println(claims["sub"], claims["gen"])
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
