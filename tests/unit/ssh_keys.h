/*
 * SSH public keys, made with ssh-keygen for these tests alone, and texts that are close to one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_SSH_KEYS_H
#define XACCT_TESTS_SSH_KEYS_H

#include <stddef.h>

static const struct {
    const char *type;
    const char *text;
    size_t length; /* bytes */
} ssh_keys[] = {
    {"ssh-ed25519",
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv", 51},
    {"ecdsa-sha2-nistp256",
     "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFKtatxPrStpy2OZWf"
     "3b94PWW6dEVbkI9r1cPYT/6E8mRhZBzED3HPqXb7yloGitQB/rlHD3UglX7o1tA8HcSe0=",
     104},
    {"ecdsa-sha2-nistp384",
     "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBDia5D7SeROXdUohSO"
     "gXEXHuoFoLhdw2de5Q5jAxPQl+82q9mNZefmHxRXw63mVRsgJ6yMADCES955AcS7ORNvWoZ0QjpqFv0s8/VPUxq+f+"
     "aN5sa6gIeWfCxmzhMtZ37Q==",
     136},
    {"ecdsa-sha2-nistp521",
     "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHNkcCcbSh6ia5hjU"
     "10ZMYVKN0/7CLWX391fYbei7esWMDpVpPB/SAcGI0zC7zEQ7TtrctV0OnVFTFxm9IS8iA91QFnyhL1fVu/2dRmSXhe"
     "8YEARGR2bk5cxiAocjhkzS+nVmgJ3jjNNKJC8BMEAB2HoLpR+YhHghhQaPpY0nqv6gj2gg==",
     172},
    {"ssh-rsa",
     "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCa1rptpku+P3JPZW22GBXfR8bCaSX/fgJ4dK5yb+y3PHjX2vC6rB"
     "+sIsCROcxwwxURcE1eqdIXaJ7+nXUJumdWbLBVbJ+a45SRLvMANz+Hcj/upLeQcofecTajt4KQRRkbfFQ5qrhc7AWL"
     "rQW7ZNRaSu6v7WuwAfAxc6GJ3Vr/i5waZ1cWxbSm5esO9MFfNnht8ssC3Lewt32daNUmiPq9Dmym6eqtbUnkifnhyi"
     "59mO7PsggmOsmKySW2wm+kdAW96uUUjtae9wnroOuTkp2VgxCXNssld1cI/5ih3iZlOnrvnAWeX9/1pax0Tx97etvk"
     "utaX9lDI0E8ATQd7F8ud",
     279},
};

static const struct {
    const char *text;
    const char *fault;
} broken_keys[] = {
    {"ssh-dss AAAAB3NzaC1kc3M=", "write TYPE BASE64"},
    {"ssh-ed25519-cert-v01@openssh.com AAAA", "write TYPE BASE64"},
    {"sk-ssh-ed25519@openssh.com AAAA", "write TYPE BASE64"},
    {"AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv", "write TYPE BASE64"},
    {"ssh-ed25519", "not base64"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv ca@partne"
     "r",
     "text behind the key"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPC",
     "not base64"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv=",
     "not base64"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPC-",
     "not base64"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9",
     "not those of a key"},
    {"ssh-ed25519 AAAAB3NzaC1yc2EAAAAgVy3jYhujwhMgxPIRjPooRcoExRCQh9YiFtSECX2E8K8=",
     "of another type"},
    {"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv",
     "of another type"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH1ct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPA=",
     "not those of a key"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIVct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCvAA==",
     "not those of a key"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCvAA==",
     "not those of a key"},
    {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5/////1ct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv",
     "not those of a key"},
    {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAzODQAAABBBFKtatxPrStpy2OZWf"
     "3b94PWW6dEVbkI9r1cPYT/6E8mRhZBzED3HPqXb7yloGitQB/rlHD3UglX7o1tA8HcSe0=",
     "not those of a key"},
    {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBAlKtatxPrStpy2OZWf"
     "3b94PWW6dEVbkI9r1cPYT/6E8mRhZBzED3HPqXb7yloGitQB/rlHD3UglX7o1tA8HcSe0=",
     "not those of a key"},
    {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAAhBFKtatxPrStpy2OZWf"
     "3b94PWW6dEVbkI9r1cPYT/6E8m",
     "not those of a key"},
    {"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFKtatxPrStpy2OZWf"
     "3b94PWW6dEVbkI9r1cPYT/6E8mRhZBzED3HPqXb7yloGitQB/rlHD3UglX7o1tA8HcSe1=",
     "not base64"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDhho2wVtrvXr1uME3yCaGeFIsTMVE+FcNXi6FAg4D18kd8ftymKy"
     "FTTJdsedfl6OFJJyGoPeBGGpOqMEmsHfRtT1oQXNy/Wn31HqGQ7tJC35+02039fobZmcb6zUWIwHBMKNOprsIT32BP"
     "s0Sbr2Q5ud3dMCwrR34gdfKSfBTy7Q==",
     "2048 to 16384 bits"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAJrWum2mS74/ck9lbbYYFd9HxsJpJf9+Anh0rnJv7Lc8eNfa8LqsH6"
     "wiwJE5zHDDFRFwTV6p0hdonv6ddQm6Z1ZssFVsn5rjlJEu8wA3P4dyP+6kt5Byh95xNqO3gpBFGRt8VDmquFzsBYut"
     "Bbtk1FpK7q/ta7AB8DFzoYndWv+LnBpnVxbFtKbl6w70wV82eG3yywLct7C3fZ1o1SaI+r0ObKbp6q1tSeSJ+eHKLn"
     "2Y7s+yCCY6yYrJJbbCb6R0Bb3q5RSO1p73Ceug65OSnZWDEJc2yyV3Vwj/mKHeJmU6eu+cBZ5f3/WlrHRPH3t62+S6"
     "1pf2UMjQTwBNB3sXy50=",
     "not those of a key"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAgAAmta6baZLvj9yT2VtthgV30fGwmkl/34CeHSucm/stzx419rwuq"
     "wfrCLAkTnMcMMVEXBNXqnSF2ie/p11CbpnVmywVWyfmuOUkS7zADc/h3I/7qS3kHKH3nE2o7eCkEUZG3xUOaq4XOwF"
     "i60Fu2TUWkrur+1rsAHwMXOhid1a/4ucGmdXFsW0puXrDvTBXzZ4bfLLAty3sLd9nWjVJoj6vQ5spunqrW1J5In54c"
     "oufZjuz7IIJjrJiskltsJvpHQFverlFI7WnvcJ66Drk5KdlYMQlzbLJXdXCP+Yod4mZTp675wFnl/f9aWsdE8fe3rb"
     "5LrWl/ZQyNBPAE0HexfLnQ==",
     "not those of a key"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAABBAAAAQEAmta6baZLvj9yT2VtthgV30fGwmkl/34CeHSucm/stzx419rwuqwfrC"
     "LAkTnMcMMVEXBNXqnSF2ie/p11CbpnVmywVWyfmuOUkS7zADc/h3I/7qS3kHKH3nE2o7eCkEUZG3xUOaq4XOwFi60F"
     "u2TUWkrur+1rsAHwMXOhid1a/4ucGmdXFsW0puXrDvTBXzZ4bfLLAty3sLd9nWjVJoj6vQ5spunqrW1J5In54coufZ"
     "juz7IIJjrJiskltsJvpHQFverlFI7WnvcJ66Drk5KdlYMQlzbLJXdXCP+Yod4mZTp675wFnl/f9aWsdE8fe3rb5LrW"
     "l/ZQyNBPAE0HexfLnQ==",
     "not those of a key"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAABAQAAAQEAmta6baZLvj9yT2VtthgV30fGwmkl/34CeHSucm/stzx419rwuqwfrC"
     "LAkTnMcMMVEXBNXqnSF2ie/p11CbpnVmywVWyfmuOUkS7zADc/h3I/7qS3kHKH3nE2o7eCkEUZG3xUOaq4XOwFi60F"
     "u2TUWkrur+1rsAHwMXOhid1a/4ucGmdXFsW0puXrDvTBXzZ4bfLLAty3sLd9nWjVJoj6vQ5spunqrW1J5In54coufZ"
     "juz7IIJjrJiskltsJvpHQFverlFI7WnvcJ66Drk5KdlYMQlzbLJXdXCP+Yod4mZTp675wFnl/f9aWsdE8fe3rb5LrW"
     "l/ZQyNBPAE0HexfLnQ==",
     "not those of a key"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAAAAAABAQCa1rptpku+P3JPZW22GBXfR8bCaSX/fgJ4dK5yb+y3PHjX2vC6rB+sIs"
     "CROcxwwxURcE1eqdIXaJ7+nXUJumdWbLBVbJ+a45SRLvMANz+Hcj/upLeQcofecTajt4KQRRkbfFQ5qrhc7AWLrQW7"
     "ZNRaSu6v7WuwAfAxc6GJ3Vr/i5waZ1cWxbSm5esO9MFfNnht8ssC3Lewt32daNUmiPq9Dmym6eqtbUnkifnhyi59mO"
     "7PsggmOsmKySW2wm+kdAW96uUUjtae9wnroOuTkp2VgxCXNssld1cI/5ih3iZlOnrvnAWeX9/1pax0Tx97etvkutaX"
     "9lDI0E8ATQd7F8ud",
     "not those of a key"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB", "not those of a key"},
    {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCa1rptpku+P3JPZW22GBXfR8bCaSX/fgJ4dK5yb+y3PHjX2vC6rB"
     "+sIsCROcxwwxURcE1eqdIXaJ7+nXUJumdWbLBVbJ+a45SRLvMANz+Hcj/upLeQcofecTajt4KQRRkbfFQ5qrhc7AWL"
     "rQW7ZNRaSu6v7WuwAfAxc6GJ3Vr/i5waZ1cWxbSm5esO9MFfNnht8ssC3Lewt32daNUmiPq9Dmym6eqtbUnkifnhyi"
     "59mO7PsggmOsmKySW2wm+kdAW96uUUjtae9wnroOuTkp2VgxCXNssld1cI/5ih3iZlOnrvnAWeX9/1pax0Tx97etvk"
     "utaX9lDI0E8ATQd7F8udAAAAAXg=",
     "not those of a key"},
};

#endif
