"""Answers as the spec sheet shows them, with invented data."""

from __future__ import annotations

SCHEMA = (
    '<xs:schema id="tblVehicleStatus" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:msdata="urn:schemas-microsoft-com:xml-msdata"><xs:element name="tblVehicleStatus" msdata:IsDataSet="true">'
    '<xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="dtVehicleStatus"><xs:complexType>'
    '<xs:sequence><xs:element name="Device_x0020_No" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType>'
    "</xs:element></xs:choice></xs:complexType></xs:element></xs:schema>"
)
ENGLISH_ROW = (
    "<Device_x0020_No>K1200000001</Device_x0020_No>"
    "<GMT_x0020_Date_x002F_Time>2026-06-01T03:42:23+03:00</GMT_x0020_Date_x002F_Time>"
    "<Latitude>41.060123</Latitude><Longitude>28.987456</Longitude><Speed>63</Speed>"
    "<Address>Büyükdere Cd., Şişli, İstanbul, Türkiye</Address><Building_x0020__x002F__x0020_Region />"
)
TURKISH_ROW = (
    "<Cihaz_x0020_No>K1200000001</Cihaz_x0020_No>"
    "<GMT_x0020_Tarih_x002F_Saat>2026-06-01T03:42:23+03:00</GMT_x0020_Tarih_x002F_Saat>"
    "<Enlem>41.060123</Enlem><Boylam>28.987456</Boylam><Hız>63</Hız>"
    "<Adres>Büyükdere Cd., Şişli, İstanbul, Türkiye</Adres><Bina_x0020__x002F__x0020_Bölge />"
)
PACKET = (
    "<LastPacket><strNode>K1200000001</strNode><dtGMTDateTime>2026-06-01T03:42:23</dtGMTDateTime>"
    "<dtLocalDateTime>2026-06-01T06:42:23</dtLocalDateTime><dLatitude>41.060123</dLatitude>"
    "<dLongitude>28.987456</dLongitude><dSpeed>63</dSpeed>"
    "<strAddress>Büyükdere Cd., Şişli, İstanbul, Türkiye</strAddress>"
    "<strRegion /><nCourse>245</nCourse><dOdometer>24507.3</dOdometer><nAltitude>85</nAltitude></LastPacket>"
)
JSONP = (
    '([{"Node":"K1200000001","LatitudeY":41.060123,"LongitudeX":28.987456,"Speed":63,"Course":245,'
    '"Address":"Büyükdere Cd., Şişli, İstanbul","LocalDateTime":"20260601064223000"}]);'
)
WORKING_DAY = (
    '<Calisma xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1" diffgr:id="Calisma1">'
    "<License_x0020_Plate>34 ABC 123</License_x0020_Plate><Distance_x0020_km>125,4</Distance_x0020_km>"
    "<Maximum_x0020_Speed_x0020_km_x002F_h>112</Maximum_x0020_Speed_x0020_km_x002F_h>"
    "<Ignition_x0020_On_x0020_Duration_x0020_hr>5</Ignition_x0020_On_x0020_Duration_x0020_hr>"
    "<Ignition_x0020_On_x0020_Duration_x0020_min>12</Ignition_x0020_On_x0020_Duration_x0020_min>"
    "<Ignition_x0020_On_x0020_Duration_x0020_sec>40</Ignition_x0020_On_x0020_Duration_x0020_sec>"
    "<First_x0020_Ignition_x0020_On_x0020_Alarm>01.06.2026 07:58:11</First_x0020_Ignition_x0020_On_x0020_Alarm>"
    "</Calisma>"
)
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def envelope(operation: str, result: str, *, prefix: str = "soap") -> bytes:
    """A SOAP answer around a result."""
    return (
        f'{DECLARATION}<{prefix}:Envelope xmlns:{prefix}="http://schemas.xmlsoap.org/soap/envelope/"><{prefix}:Body>'
        f'<{operation}Response xmlns="http://www.arvento.com/"><{operation}Result>{result}</{operation}Result>'
        f"</{operation}Response></{prefix}:Body></{prefix}:Envelope>"
    ).encode()


def dataset(*rows: str, table: str = "dtVehicleStatus", extra: str = "") -> str:
    """A DataSet of rows: inline schema and diffgram."""
    inner = "".join(row if row.startswith("<Calisma") else f"<{table}>{row}</{table}>" for row in rows)
    return (
        f'{SCHEMA}<diffgr:diffgram xmlns:msdata="urn:schemas-microsoft-com:xml-msdata"'
        ' xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1">'
        f'<tblVehicleStatus xmlns="">{inner}</tblVehicleStatus>{extra}</diffgr:diffgram>'
    )


def fault(code: str, text: str) -> bytes:
    """A SOAP 1.1 fault."""
    return (
        f'{DECLARATION}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>'
        f"<faultcode>soap:{code}</faultcode><faultstring>{text}</faultstring><detail /></soap:Fault></soap:Body>"
        "</soap:Envelope>"
    ).encode()
