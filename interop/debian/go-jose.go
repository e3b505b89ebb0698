// Debian: golang-gopkg-square-go-jose.v2-dev golang-go
package main

import (
	"encoding/base64" // JWK
	"encoding/json" // key set
	"fmt"
	"net/http" // key set
	"os"
	"time"

	"gopkg.in/square/go-jose.v2" // key set
	"gopkg.in/square/go-jose.v2/jwt"
)

func main() {
	key := []byte("$SECRET") // secret
	key, err := base64.RawURLEncoding.DecodeString("$K") // JWK
	fail(err) // JWK
	key := jose.JSONWebKeySet{} // key set
	response, err := http.Get("$KEY_SET") // key set
	fail(err) // key set
	fail(json.NewDecoder(response.Body).Decode(&key)) // key set
	token, err := jwt.ParseSigned("$TOKEN")
	fail(err)
	var claims jwt.Claims
	var more struct {
		Gen int `json:"gen"`
	}
	fail(token.Claims(key, &claims, &more))
	fail(claims.Validate(jwt.Expected{
		Time: time.Now(),
		Issuer: "$ISSUER", // option
		Audience: jwt.Audience{"$AUDIENCE"}, // option
	}))
	fmt.Println(claims.Subject, more.Gen)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
