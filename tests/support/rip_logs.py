"""Rip logs of a disc that does not exist, laid out as the rippers lay them out."""

from __future__ import annotations

import codecs

EAC_CHECKSUM = "E72E5F2537D9275788DDE84A36201A421AD1C63FB347359598B950CF7BEB7B8D"
XLD_SIGNATURE = (
    "20kxean5Tj2Z8CrQc4NmNb2S2DNCy8s4eds5Xrt6DEQGv1_9yBpJ5KiPJiSvQvcBj5yuH.xXdd5raTIFNDW3Vxrl6xpaXb4Ue1XskES"
)


def as_eac_saves(text: str) -> bytes:
    """EAC 1.x writes UTF-16 with Windows' line ends."""
    return codecs.BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le")


def _eac_row(track: int) -> str:
    start = (track - 1) * 15_000
    return f"       {track:2}  |  0:00.00 |  3:20.00 | {start:9}    | {start + 14_999:8}\n"


def _eac_track(track: int) -> str:
    return rf"""
Track {track:2}

     Filename C:\rips\{track:02} - Song.wav

     Peak level 98.4 %
     Extraction speed 7.1 X
     Track quality 100.0 %
     Test CRC 0BADCAF{track}
     Copy CRC 0BADCAF{track}
     Accurately ripped (confidence 9)  [DEADBEE{track}]  (AR v2)
     Copy OK

"""


def eac_log(*, tracks: int = 2, secure: bool = True, checksum: str = EAC_CHECKSUM) -> str:
    """A log of EAC 1.3; the checksum is that of two tracks, ripped securely."""
    return (
        f"""Exact Audio Copy V1.3 from 2. September 2016

EAC extraction logfile from 3. March 2019, 12:34

The Nobodies / No Such Disc

Used drive  : PLEXTOR DVDR   PX-716A   Adapter: 1  ID: 0

Read mode               : {"Secure" if secure else "Burst"}
Utilize accurate stream : Yes
Defeat audio cache      : Yes
Make use of C2 pointers : No

Read offset correction                      : 30
Overread into Lead-In and Lead-Out          : No
Fill up missing offset samples with silence : Yes
Delete leading and trailing silent blocks   : No
Null samples used in CRC calculations       : Yes
Used interface                              : Native Win32 interface for Win NT & 2000
Gap handling                                : Appended to previous track

Used output format              : User Defined Encoder
Selected bitrate                : 1024 kBit/s
Quality                         : High
Add ID3 tag                     : No
Command line compressor         : C:\\flac.exe
Additional command line options : -8 -V %source%


TOC of the extracted CD

     Track |   Start  |  Length  | Start sector | End sector
    ---------------------------------------------------------
"""
        + "".join(_eac_row(track) for track in range(1, tracks + 1))
        + "\n"
        + "".join(_eac_track(track) for track in range(1, tracks + 1))
        + f"""
All tracks accurately ripped

No errors occurred

End of status report

==== Log checksum {checksum} ====
"""
    )


def old_eac_log(first_line: str) -> str:
    """A log of EAC before 0.99, which has no checksum and no table of contents."""
    return f"""{first_line}
The Nobodies / No Such Disc

Used drive  : PLEXTOR DVDR   PX-716A   Adapter: 1  ID: 0
Read mode   : Secure with NO C2, accurate stream, disable cache
Read offset correction : 30
Overread into Lead-In and Lead-Out : No

Used output format : Internal WAV Routines
                     44.100 Hz; 16 Bit; Stereo

Other options      :
    Fill up missing offset samples with silence : Yes
    Delete leading and trailing silent blocks : No
    Installed external ASPI interface

Track  1
     Filename C:\\rips\\01 - Song.wav

     Peak level 98.4 %
     Track quality 100.0 %
     Test CRC 0BADCAF1
     Copy CRC 0BADCAF1
     Copy OK

No errors occured


End of status report
"""


def xld_log(*, signature: str = XLD_SIGNATURE) -> str:
    """A log of XLD for a disc of two tracks."""
    return f"""X Lossless Decoder version 20181019 (151.1)

XLD extraction logfile from 2019-03-03 12:34:56 +0100

The Nobodies / No Such Disc

Used drive : PLEXTOR DVDR PX-716A (revision 1.11)
Media type : Pressed CD

Ripper mode             : XLD Secure Ripper
Disable audio cache     : OK for the drive with a cache less than 1375KiB
Make use of C2 pointers : NO
Read offset correction  : 30
Max retry count         : 20
Gap status              : Analyzed, Appended

TOC of the extracted CD
     Track |   Start  |  Length  | Start sector | End sector
    ---------------------------------------------------------
        1  | 00:00:00 | 03:20:00 |         0    |    14999
        2  | 03:20:00 | 03:20:00 |     15000    |    29999

List of alternate offset correction values
        #  | Absolute | Relative | Confidence
    ------------------------------------------
        1  |    30    |     0    |      9

AccurateRip Summary (DiscID: 0000000a-0000000b-0000000c)
    Track 01 : OK (v1+v2, confidence 9/9)
    Track 02 : OK (v1+v2, confidence 9/9)
        ->All tracks accurately ripped.

All Tracks
    Album gain               : -7.00 dB
    Peak                     : 0.984000
    Statistics
        Read error                           : 0
        Jitter error (maybe fixed)           : 0
        Retry sector count                   : 0
        Damaged sector count                 : 0

{_xld_track(1)}
{_xld_track(2)}
No errors occurred

End of status report

-----BEGIN XLD SIGNATURE-----
{signature}
-----END XLD SIGNATURE-----
"""


def _xld_track(track: int) -> str:
    return f"""Track {track:02}
    Filename : /Users/nobody/Music/{track:02} - Song.flac

    Track gain               : -7.00 dB
    Peak                     : 0.984000
    CRC32 hash (test run)    : 0BADCAF{track}
    CRC32 hash               : 0BADCAF{track}
    CRC32 hash (skip zero)   : 0BADCAF{track}
    AccurateRip v1 signature : DEADBEE{track}
    AccurateRip v2 signature : DEADBEE{track}
        ->Accurately ripped (v1+v2, confidence 9/9)
    Statistics
        Read error                           : 0
        Jitter error (maybe fixed)           : 0
        Retry sector count                   : 0
        Damaged sector count                 : 0
"""
